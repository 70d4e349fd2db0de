package ldapi

import (
	"net/http"
	"time"

	"github.com/ldapi-go/ldapi/internal/inspect"
)

// PtrBool returns a pointer to v.
func PtrBool(v bool) *bool { return &v }

// PtrInt returns a pointer to v.
func PtrInt(v int) *int { return &v }

// PtrInt32 returns a pointer to v.
func PtrInt32(v int32) *int32 { return &v }

// PtrInt64 returns a pointer to v.
func PtrInt64(v int64) *int64 { return &v }

// PtrFloat32 returns a pointer to v.
func PtrFloat32(v float32) *float32 { return &v }

// PtrFloat64 returns a pointer to v.
func PtrFloat64(v float64) *float64 { return &v }

// PtrString returns a pointer to v.
func PtrString(v string) *string { return &v }

// PtrTime returns a pointer to v.
func PtrTime(v time.Time) *time.Time { return &v }

// IsNil reports whether i is nil, or a pointer, map, slice, function, channel or interface that is nil.
func IsNil(i interface{}) bool { return inspect.IsNil(i) }

// MappedNullable is implemented by every model.
type MappedNullable interface {
	// ToMap returns the properties that MarshalJSON writes, by their JSON names and with the values
	// of the fields.
	ToMap() (map[string]interface{}, error)
}

// APIResponse holds an HTTP response and information about its call. It is not used by this
// package; it exists for source compatibility with the stock client.
type APIResponse struct {
	*http.Response `json:"-"`
	Message        string `json:"message,omitempty"`
	// Operation is the name of the operation.
	Operation string `json:"operation,omitempty"`
	// RequestURL is the URL of the request.
	RequestURL string `json:"url,omitempty"`
	// Method is the HTTP method of the request.
	Method string `json:"method,omitempty"`
	// Payload is the body of the response.
	Payload []byte `json:"-"`
}

// NewAPIResponse returns an [APIResponse] that holds r.
func NewAPIResponse(r *http.Response) *APIResponse { return &APIResponse{Response: r} }

// NewAPIResponseWithError returns an [APIResponse] that holds a message and no response.
func NewAPIResponseWithError(errorMessage string) *APIResponse {
	return &APIResponse{Message: errorMessage}
}
