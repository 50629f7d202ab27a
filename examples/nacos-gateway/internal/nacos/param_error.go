package nacos

import "fmt"

// ParamError says which parameter of a request is wrong, and why.
type ParamError struct {
	// Name is the parameter as the client spells it.
	Name string
	// Problem continues the sentence "Param 'name' ...".
	Problem string
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("Param '%s' %s.", e.Name, e.Problem)
}

func wrong(name, format string, args ...any) *ParamError {
	return &ParamError{Name: name, Problem: fmt.Sprintf(format, args...)}
}
