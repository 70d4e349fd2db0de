// Package ldapivet provides an analyzer for programs that use package github.com/ldapi-go/ldapi.
//
// It reports a request whose result is dropped. The methods of a request return a changed copy, so that this loop reads
// the first page forever:
//
//	request := client.AccessTokensApi.GetTokens(ctx).Limit(50)
//	for {
//		request.Offset(offset) // reported: it must be request = request.Offset(offset)
//		page, _, err := request.Execute()
//		…
//	}
//
// It reports an error that is ignored: of Execute, Collect, Do, RotateToken, InviteMembers and all others that call the API, in a
// statement of its own or assigned to the blank identifier, and of an iterator in the range clause of a loop. And it reports a
// new secret that is dropped, because it cannot be read again.
//
// The command [github.com/ldapi-go/ldapi/ldapivet/cmd/ldapivet] runs it under go vet. The analyzer knows the package by its path and requests by their
// name, so that any version of the package will do.
package ldapivet

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

const sdkPath = "github.com/ldapi-go/ldapi"

// Analyzer reports requests and new secrets of package ldapi that are dropped, and errors of its calls that are ignored.
var Analyzer = &analysis.Analyzer{
	Name: "ldapivet",
	Doc: `report dropped requests and secrets of package ldapi, and ignored errors of its calls

The methods of a request return a changed copy: request.Offset(n) as a statement of its own
changes nothing, and the loop around it reads the same page forever. If the error of a call is
ignored, it is unknown whether the server carried it out, and a loop over All that ignores the
error ends early without a trace. A new secret that is dropped cannot be read again.`,
	URL:      "https://pkg.go.dev/github.com/ldapi-go/ldapi/ldapivet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	statements := []ast.Node{(*ast.ExprStmt)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil)}
	pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Preorder(statements, func(n ast.Node) {
		switch s := n.(type) {
		case *ast.ExprStmt:
			checkStatement(pass, s.X, true)
		case *ast.GoStmt:
			checkStatement(pass, s.Call, false)
		case *ast.DeferStmt:
			checkStatement(pass, s.Call, false)
		case *ast.RangeStmt:
			checkRange(pass, s)
		case *ast.AssignStmt:
			checkAssignment(pass, s.Lhs, s.Rhs)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(s.Names))
			for i, name := range s.Names {
				names[i] = name
			}
			checkAssignment(pass, names, s.Values)
		}
	})
	return nil, nil
}

// checkStatement checks a call whose results are unused. If the call is a statement, its result can be assigned.
func checkStatement(pass *analysis.Pass, e ast.Expr, alone bool) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return
	}
	switch fn := sdkFunction(pass, call); {
	case fn == nil:
	case callsAPI(fn):
		pass.Reportf(call.Pos(), "the error of %s is ignored", fn.Name())
	case isIterator(fn):
		pass.Reportf(call.Pos(), "the iterator that %s returns is dropped: nothing is sent without a loop over it", fn.Name())
	case isBuilder(fn):
		reportDropped(pass, call, fn, alone)
	}
}

// checkAssignment looks for the blank identifier where it hides an error or a request.
func checkAssignment(pass *analysis.Pass, left, right []ast.Expr) {
	for i, e := range right {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			continue
		}
		fn := sdkFunction(pass, call)
		if fn == nil {
			continue
		}
		if callsAPI(fn) && len(right) == 1 {
			switch {
			case isBlank(left[len(left)-1]):
				pass.Reportf(call.Pos(), "the error of %s is ignored", fn.Name())
			case returnsSecret(fn) && isBlank(left[0]):
				pass.Reportf(call.Pos(), "the new secret that %s returns is dropped: it cannot be read again", fn.Name())
			}
		}
		if isBuilder(fn) && i < len(left) && isBlank(left[i]) {
			reportDropped(pass, call, fn, false)
		}
	}
}

// reportDropped describes what to write instead where that is plain: the request is in a variable.
func reportDropped(pass *analysis.Pass, call *ast.CallExpr, fn *types.Func, alone bool) {
	if fn.Signature().Recv() == nil || !isRequest(fn.Signature().Recv().Type()) {
		pass.Reportf(call.Pos(), "the request that %s returns is dropped: nothing is sent without Execute", fn.Name())
		return
	}
	d := analysis.Diagnostic{Pos: call.Pos(), End: call.End()}
	d.Message = fmt.Sprintf("the result of %s is dropped: it returns a changed copy of the request", fn.Name())
	if v := variableOf(pass, call); v != nil && alone && types.Identical(v.Type(), pass.TypesInfo.TypeOf(call)) {
		d.Message += fmt.Sprintf("; write %s = …", v.Name())
		d.SuggestedFixes = []analysis.SuggestedFix{{
			Message:   "Assign the result to " + v.Name(),
			TextEdits: []analysis.TextEdit{{Pos: call.Pos(), End: call.Pos(), NewText: []byte(v.Name() + " = ")}},
		}}
	}
	pass.Report(d)
}

// variableOf returns the variable that a chain of methods begins with; nil when it begins with anything else.
func variableOf(pass *analysis.Pass, call *ast.CallExpr) *types.Var {
	for {
		method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		switch x := ast.Unparen(method.X).(type) {
		case *ast.Ident:
			v, _ := pass.TypesInfo.Uses[x].(*types.Var)
			return v
		case *ast.CallExpr:
			call = x
		default:
			return nil
		}
	}
}

// sdkFunction returns the function or method of package ldapi that is called, or nil for any other.
func sdkFunction(pass *analysis.Pass, call *ast.CallExpr) *types.Func {
	fn, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != sdkPath {
		return nil
	}
	return fn
}

// checkRange looks for a loop over an iterator that ignores its error.
func checkRange(pass *analysis.Pass, loop *ast.RangeStmt) {
	call, ok := ast.Unparen(loop.X).(*ast.CallExpr)
	if !ok || loop.Value != nil && !isBlank(loop.Value) {
		return
	}
	if fn := sdkFunction(pass, call); fn != nil && isIterator(fn) {
		pass.Reportf(call.Pos(), "the error of %s is ignored: a loop that fails looks like one that ended", fn.Name())
	}
}

var services = regexp.MustCompile(`^(APIClient|Api\w+Request|\w+Api|\w+ApiService)$`)

// callsAPI reports whether fn is a method of a request, a service or the client that returns an error.
func callsAPI(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() > 0 && isError(results.At(results.Len()-1).Type()) && services.MatchString(receiverOf(fn))
}

// receiverOf returns the name of the type whose method fn is, or "".
func receiverOf(fn *types.Func) string {
	if fn.Signature().Recv() == nil {
		return ""
	}
	t := fn.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// returnsSecret reports whether the first result of fn holds a secret that is shown once.
func returnsSecret(fn *types.Func) bool {
	switch fn.Name() {
	case "RotateToken", "PostTokenExecute", "ResetTokenExecute":
		return true
	case "Execute":
		receiver := receiverOf(fn)
		return receiver == "ApiPostTokenRequest" || receiver == "ApiResetTokenRequest"
	}
	return false
}

// isIterator reports whether fn returns an iter.Seq2 whose second values are errors.
func isIterator(fn *types.Func) bool {
	if fn.Signature().Results().Len() != 1 {
		return false
	}
	seq, ok := fn.Signature().Results().At(0).Type().Underlying().(*types.Signature)
	if !ok || seq.Params().Len() != 1 {
		return false
	}
	yield, ok := seq.Params().At(0).Type().Underlying().(*types.Signature)
	return ok && yield.Params().Len() == 2 && isError(yield.Params().At(1).Type())
}

// isBuilder reports whether all that fn does is to return a request.
func isBuilder(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() == 1 && isRequest(results.At(0).Type())
}

var requestTypes = regexp.MustCompile(`^Api\w+Request$`)

// isRequest reports whether t is a type of requests.
func isRequest(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	return named.Obj().Pkg().Path() == sdkPath && requestTypes.MatchString(named.Obj().Name())
}

func isBlank(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	return ok && name.Name == "_"
}
