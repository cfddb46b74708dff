package kit

import "fmt"

// Rescued is the file of a draft that could not be saved.
type Rescued struct {
	Path    string
	Program string // what it is encrypted by; empty for a file in clear
	Bare    error  // why it is in clear though it was to be encrypted; nil if it was not
}

// String tells where the text is, and how to go on with it.
func (r Rescued) String() string {
	switch {
	case r.Program != "":
		return fmt.Sprintf("its text is in %s, encrypted to you; sendoff --template %[1]s goes on with it, %s --decrypt %[1]s shows it", r.Path, r.Program)
	case r.Bare != nil:
		return fmt.Sprintf("its text is in %s, NOT ENCRYPTED though it should be (%v), and only you can read the file; sendoff --template %[1]s goes on with it: delete it then", r.Path, r.Bare)
	}
	return fmt.Sprintf("its text is in %s; sendoff --template %[1]s goes on with it", r.Path)
}

// UnsavedError is a draft that could not be saved, when the program ends.
type UnsavedError struct {
	Err   error
	Where Rescued // the zero value if there is no file either
}

// Error tells why, and where the text is.
func (e *UnsavedError) Error() string {
	if e.Where == (Rescued{}) {
		return "save the draft: " + e.Err.Error()
	}
	return "save the draft: " + e.Err.Error() + "; " + e.Where.String()
}

// Unwrap returns why.
func (e *UnsavedError) Unwrap() error { return e.Err }
