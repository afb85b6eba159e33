

events-odd-type<	one ;5invalid type normal, must be one of [Normal, Warning] 