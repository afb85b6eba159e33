[package]
name = "shop_kcl"
version = "0.0.1"
