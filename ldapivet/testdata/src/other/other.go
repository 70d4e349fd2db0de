// Package other has requests of its own, with the same names.
package other

type ApiGetTokensRequest struct{}

func (r ApiGetTokensRequest) Offset(int64) ApiGetTokensRequest { return r }
func (r ApiGetTokensRequest) Execute() (int, error)            { return 0, nil }

func use(dynamic func() error) {
	var request ApiGetTokensRequest
	request.Offset(5)
	request.Execute()
	_, _ = request.Execute()
	dynamic()
	func() {}()
	<-make(chan int, 1)
}
