module hermetic/judges/go_types

go 1.26

require github.com/fatedier/frp v0.68.0

require (
	github.com/fatedier/golib v0.5.1 // indirect
	github.com/samber/lo v1.47.0 // indirect
	golang.org/x/text v0.28.0 // indirect
)
