package ldapi

import (
	"net/http"
)

// decode reads the body of a successful response into what the caller waits for. The 404 of a DELETE that an earlier attempt
// has carried out is a success, but its body says otherwise.
func decode(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		resp, err := next(c, req)
		if err != nil || c.into == nil || c.gone {
			return resp, err
		}
		if cause := c.into(responseBytes(resp), c.cfg.settings.strictDecoding); cause != nil {
			return resp, c.newError(resp, cause, ErrDecode, cause.Error())
		}
		return resp, nil
	}
}

// responseBytes gives the body of a response that went through read.
func responseBytes(resp *http.Response) []byte {
	if b, ok := resp.Body.(*body); ok {
		return b.data
	}
	return nil
}
