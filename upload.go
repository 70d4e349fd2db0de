package ldapi

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/ldapi-go/ldapi/internal/wire"
)

// closingFile is a file that is closed after it was read.
type closingFile struct{ *os.File }

// ownedFile returns file as a reader that is closed after it was read, or nil if file is nil.
func ownedFile(file *os.File) io.Reader {
	if file == nil {
		return nil
	}
	return closingFile{file}
}

// setFile sets the file that a form sends as its part name. It is not read before the request is built.
func (a *arguments) setFile(name string, file io.Reader, most int64) {
	if IsNil(file) {
		a.refuse(name, "is required")
		return
	}
	a.body, a.bodyName, a.file, a.mostFile = file, name, file, most
}

// encodeForm reads the file and encodes the form, once for all attempts. It adds one byte to the limit to detect a larger file.
func (c *call) encodeForm(req *http.Request) error {
	data, tooLarge, err := readBounded(c.args.file, 0, c.args.mostFile)
	filename := c.args.bodyName
	if f, ok := c.args.file.(closingFile); ok {
		_ = f.Close()
		filename = filepath.Base(f.Name())
	}
	switch {
	case err != nil:
		err = c.withoutSecret(err)
		return &ArgumentError{Operation: c.op.ID, Parameter: c.args.bodyName, Reason: c.presentable("cannot be read: " + err.Error()), cause: err}
	case tooLarge:
		return c.refusal(c.args.bodyName, fmt.Sprintf("must not be larger than %d bytes", c.args.mostFile))
	case len(data) == 0:
		return c.refusal(c.args.bodyName, "must not be empty")
	}
	c.body, c.contentType = wire.Form(c.args.bodyName, filename, data)
	setRequestBody(req, c.body)
	return nil
}
