module github.com/steadfast-registry/steadfast/bindings/go

go 1.24
