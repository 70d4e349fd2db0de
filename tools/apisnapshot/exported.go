package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// exported returns the exported API of a package, one line per symbol, sorted. Names of parameters are left out: no program
// depends on them.
func exported(pkg *types.Package) []string {
	p := printer{pkg: pkg}
	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); o.Exported() {
			p.object(o)
		}
	}
	slices.Sort(p.lines)
	return slices.Compact(p.lines)
}

type printer struct {
	pkg   *types.Package
	lines []string
}

func (p *printer) add(format string, args ...any) {
	p.lines = append(p.lines, fmt.Sprintf(format, args...))
}

// text writes a type as a program outside of the package would.
func (p *printer) text(t types.Type) string {
	return strings.ReplaceAll(types.TypeString(nameless(t), types.RelativeTo(p.pkg)), "interface{}", "any")
}

// signature writes parameters and results, without the word func.
func (p *printer) signature(s *types.Signature) string {
	return strings.TrimPrefix(p.text(s), "func")
}

func (p *printer) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		if o.Name() == "Version" { // changes with each release
			p.add("const %s %s", o.Name(), p.text(o.Type()))
			return
		}
		p.add("const %s %s = %s", o.Name(), p.text(o.Type()), o.Val().ExactString())
	case *types.Var:
		p.add("var %s %s", o.Name(), p.text(o.Type()))
	case *types.Func:
		p.add("func %s%s", o.Name(), p.signature(o.Signature()))
	case *types.TypeName:
		p.typeName(o)
	}
}

func (p *printer) typeName(o *types.TypeName) {
	if o.IsAlias() {
		p.add("type %s = %s", o.Name(), p.text(types.Unalias(o.Type())))
		return
	}
	name := p.text(o.Type())
	switch u := o.Type().Underlying().(type) {
	case *types.Struct:
		p.add("type %s struct", name)
		p.fields(name, u)
	case *types.Interface:
		p.methodsOfInterface(name, u)
		return
	default:
		p.add("type %s %s", name, p.text(u))
	}
	p.methods(name, o.Type())
}

func (p *printer) fields(name string, s *types.Struct) {
	for f := range s.Fields() {
		switch {
		case !f.Exported():
		case f.Embedded():
			p.add("type %s struct, embedded %s", name, p.text(f.Type()))
		default:
			p.add("type %s struct, %s %s", name, f.Name(), p.text(f.Type()))
		}
	}
}

// methodsOfInterface also lists all names in one line: another method breaks implementations of the interface.
func (p *printer) methodsOfInterface(name string, i *types.Interface) {
	var names []string
	for m := range i.Methods() {
		if !m.Exported() {
			names = append(names, "unexported methods")
			continue
		}
		names = append(names, m.Name())
		p.add("type %s interface, %s%s", name, m.Name(), p.signature(m.Signature()))
	}
	slices.Sort(names)
	p.add("type %s interface { %s }", name, strings.Join(slices.Compact(names), ", "))
}

// methods lists also those that come with an embedded field.
func (p *printer) methods(name string, t types.Type) {
	value := types.NewMethodSet(t)
	all := types.NewMethodSet(types.NewPointer(t))
	for selection := range all.Methods() {
		m := selection.Obj()
		if !m.Exported() {
			continue
		}
		receiver := name
		if value.Lookup(m.Pkg(), m.Name()) == nil {
			receiver = "*" + name
		}
		p.add("method (%s) %s%s", receiver, m.Name(), p.signature(m.(*types.Func).Signature()))
	}
}

// nameless returns the type without names of parameters, at any depth that our API has.
func nameless(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		if t.TypeParams().Len() > 0 {
			return t
		}
		return types.NewSignatureType(nil, nil, nil, namelessTuple(t.Params()), namelessTuple(t.Results()), t.Variadic())
	case *types.Pointer:
		return types.NewPointer(nameless(t.Elem()))
	case *types.Slice:
		return types.NewSlice(nameless(t.Elem()))
	case *types.Map:
		return types.NewMap(nameless(t.Key()), nameless(t.Elem()))
	}
	return t
}

func namelessTuple(tuple *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range tuple.Variables() {
		vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), "", nameless(v.Type())))
	}
	return types.NewTuple(vars...)
}
