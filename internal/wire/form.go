package wire

import (
	"bytes"
	"mime/multipart"
)

// Form returns a multipart form with one file, and its content type.
func Form(name, filename string, data []byte) (body []byte, contentType string) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if part, err := form.CreateFormFile(name, filename); err == nil { // a buffer does not fail
		_, _ = part.Write(data)
	}
	_ = form.Close()
	return b.Bytes(), form.FormDataContentType()
}
