package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// servers reads the servers with their regions, and the security schemes.
func (b *builder) servers() error {
	for _, s := range b.doc.Servers {
		if len(s.Variables) > 0 || s.Description == "" {
			return fmt.Errorf("server %s: needs a description, and variables are not supported", s.URL)
		}
		region, _ := s.Extensions["x-region"].(string)
		b.api.Servers = append(b.api.Servers, Server{URL: s.URL, Description: s.Description, Region: region})
	}
	for name, scheme := range b.doc.Components.SecuritySchemes {
		b.api.Security[name] = scheme.Value.Description
	}
	if len(b.api.Servers) == 0 {
		return errors.New("servers: there is none")
	}
	return nil
}

// services reads the tags and the operations of each.
func (b *builder) services() error {
	byTag := map[string]*Service{}
	for _, tag := range b.doc.Tags {
		if err := cmp.Or(checkName(tag.Name), described(tag.Description)); err != nil {
			return at("tag "+tag.Name, err)
		}
		byTag[tag.Name] = &Service{Name: goName(tag.Name) + "Api", Tag: tag.Name, Description: tag.Description}
		if tag.Extensions["x-beta"] == true {
			byTag[tag.Name].Version = "beta"
		}
		b.api.Services = append(b.api.Services, byTag[tag.Name])
	}
	for _, path := range slices.Sorted(maps.Keys(b.doc.Paths.Map())) {
		item := b.doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			op := item.Operations()[method]
			o := &Operation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description,
				Deprecated: op.Deprecated, Safe: op.Extensions["x-safe"] == true, Service: byTag[strings.Join(op.Tags, "\n")]} // several tags match no service
			if err := b.operation(o, op, item); err != nil {
				return at(method+" "+path, err)
			}
			o.Service.Operations = append(o.Service.Operations, o)
		}
	}
	for _, s := range b.api.Services {
		if len(s.Operations) == 0 {
			return fmt.Errorf("tag %s: has no operations", s.Tag)
		}
		slices.SortFunc(s.Operations, func(x, y *Operation) int { return cmp.Compare(x.Name(), y.Name()) })
	}
	return nil
}

// operation fills in o.
func (b *builder) operation(o *Operation, op *openapi3.Operation, item *openapi3.PathItem) error {
	switch {
	case o.Service == nil:
		return errors.New("needs one tag, which is among the tags of the description")
	case op.Servers != nil || item.Servers != nil:
		return errors.New("servers of its own are not supported")
	case o.Safe && o.Method != http.MethodPost:
		return errors.New("x-safe belongs to a POST that only reads")
	}
	if err := cmp.Or(at("operationId", checkName(o.ID)), at("summary", described(o.Summary)), described(o.Description)); err != nil {
		return err
	}
	for _, requirement := range *cmp.Or(op.Security, &b.doc.Security) {
		o.Security = slices.AppendSeq(o.Security, maps.Keys(requirement))
		if len(requirement) != 1 {
			return errors.New("security: one scheme in each requirement is supported")
		}
	}
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		if err := b.parameter(o, ref.Value); err != nil {
			return at("parameter "+ref.Value.Name, err)
		}
	}
	if n := strings.Count(o.Path, "{"); n != len(o.PathParams) {
		return fmt.Errorf("the path has %d parameters, %d are described", n, len(o.PathParams))
	}
	slices.SortFunc(o.PathParams, func(x, y *Field) int {
		return strings.Index(o.Path, "{"+x.Name+"}") - strings.Index(o.Path, "{"+y.Name+"}")
	})
	if op.RequestBody != nil {
		if err := b.body(o, op.RequestBody.Value); err != nil {
			return at("requestBody", err)
		}
	}
	responses := op.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		if err := b.response(o, status, responses[status].Value); err != nil {
			return at("response "+status, err)
		}
	}
	if o.Success == nil {
		return errors.New("has no successful response")
	}
	return at("x-pagination", pages(o, op.Extensions["x-pagination"]))
}

func (b *builder) parameter(o *Operation, p *openapi3.Parameter) error {
	if p.Schema == nil {
		return errors.New("needs a schema")
	}
	f, err := b.field(p.Name, p.Description, p.Schema)
	if err != nil {
		return err
	}
	builder, built := p.Extensions["x-builder"]
	f.Builder, _ = builder.(string)
	f.Required, f.Deprecated, f.Example = p.Required, p.Deprecated || f.Deprecated, cmp.Or(p.Example, f.Example)
	switch {
	case built && (f.Builder == "" || p.In != openapi3.ParameterInQuery):
		return errors.New("x-builder has to name a method, and belongs to a query parameter")
	case p.In == openapi3.ParameterInPath && !strings.Contains(o.Path, "{"+p.Name+"}"):
		return errors.New("is not in the path")
	case p.In == openapi3.ParameterInPath && f.Type.Scalar != "string":
		return errors.New("path parameters must be strings")
	case p.In == openapi3.ParameterInPath:
		o.PathParams = append(o.PathParams, f)
		return nil
	case p.In != openapi3.ParameterInQuery:
		return fmt.Errorf("parameters in %s are not supported", p.In)
	case f.Type.Kind != "scalar" || f.Type.Scalar == "float64":
		return errors.New("query parameters must be strings, booleans or integers")
	case (f.Minimum != nil || f.Maximum != nil) && f.Type.Scalar != "int64":
		return errors.New("a minimum or maximum is supported for int64 only")
	}
	o.Query = append(o.Query, f)
	return nil
}

func (b *builder) body(o *Operation, r *openapi3.RequestBody) error {
	if o.Method == http.MethodGet || o.Method == http.MethodDelete {
		return errors.New("a " + o.Method + " cannot have one")
	}
	if form := r.Content["multipart/form-data"]; form != nil && len(r.Content) == 1 {
		return b.upload(o, r, form)
	}
	content, media, err := jsonContent(r.Content)
	if err != nil {
		return err
	}
	o.Content = content
	if r.Extensions["x-mirror-query"] == true {
		return mirror(o, media.Schema.Value)
	}
	f, err := b.field("body", r.Description, media.Schema)
	if err != nil {
		return err
	}
	f.Name, f.Required, f.Example = "requestBody", r.Required, firstExample(media)
	f.Builder, _ = r.Extensions["x-builder"].(string)
	switch m := cmp.Or(f.Type.Elem, f.Type).Model; {
	case f.Type.Kind == "scalar" || f.Type.Kind == "any":
		return errors.New("must be an object or an array")
	case m != nil && f.Type.Kind == "model":
		f.Name, m.Example = m.Name, cmp.Or(m.Example, f.Example)
	case m != nil && f.Type.Kind == "slice":
		f.Name = m.Name
	}
	o.Body = f
	return nil
}

// upload reads a form with one file.
func (b *builder) upload(o *Operation, r *openapi3.RequestBody, form *openapi3.MediaType) error {
	if form.Schema == nil || len(form.Schema.Value.Properties) != 1 {
		return errors.New("a form must have one property, a file")
	}
	for name, part := range form.Schema.Value.Properties {
		if s := part.Value; s.Type == nil || !s.Type.Is("string") || s.Format != "binary" || s.MaxLength == nil {
			return errors.New("a form must have one property, a file: a string of format binary with a maxLength")
		}
		if err := cmp.Or(checkName(name), described(part.Value.Description)); err != nil {
			return at("property "+name, err)
		}
		o.Content = "multipart/form-data"
		o.Body = &Field{Name: name, Description: part.Value.Description, Type: &Type{Kind: "file"}, Required: true, MaxLength: part.Value.MaxLength}
		o.Body.Builder, _ = r.Extensions["x-builder"].(string)
	}
	return nil
}

// mirror reads a body whose properties are query parameters.
func mirror(o *Operation, s *openapi3.Schema) error {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.ContainsFunc(o.Query, func(p *Field) bool { return p.Name == name }) {
			return fmt.Errorf("x-mirror-query: there is no query parameter %s", name)
		}
		o.Mirror = append(o.Mirror, name)
	}
	return nil
}

// jsonContent returns the content type and the media type of a body, which has to be JSON.
func jsonContent(content openapi3.Content) (string, *openapi3.MediaType, error) {
	all := slices.Sorted(maps.Keys(content))
	if len(all) == 1 {
		base, _, err := mime.ParseMediaType(all[0])
		if err == nil && base == "application/json" && content[all[0]].Schema != nil {
			return all[0], content[all[0]], nil
		}
	}
	return "", nil, fmt.Errorf("its content is %s; one JSON content with a schema is supported", strings.Join(all, ", "))
}

// firstExample is the example that comes first in the description.
func firstExample(media *openapi3.MediaType) any {
	if len(media.Examples) == 0 {
		return media.Example
	}
	return slices.MinFunc(slices.Collect(maps.Values(media.Examples)), func(x, y *openapi3.ExampleRef) int {
		return line(x.Origin) - line(y.Origin)
	}).Value.Value
}

func (b *builder) response(o *Operation, status string, r *openapi3.Response) error {
	code, err := strconv.Atoi(status)
	if err != nil {
		return errors.New("a response needs one status")
	}
	out := &Response{Status: code, Description: *r.Description, Observed: r.Extensions["x-observed"] == true,
		Headers: slices.Sorted(maps.Keys(r.Headers))}
	out.Error, _ = r.Extensions["x-error"].(string)
	if err := described(out.Description); err != nil {
		return err
	}
	o.Responses = append(o.Responses, out)
	if len(r.Content) > 0 {
		_, media, err := jsonContent(r.Content)
		if err != nil {
			return err
		}
		t, err := b.goType(media.Schema)
		if err != nil || t.Model == nil {
			return cmp.Or(err, errors.New("has to be an object with properties"))
		}
		out.Model = t.Model
		t.Model.Example = cmp.Or(t.Model.Example, firstExample(media))
	}
	switch m := b.api.Errors[code]; {
	case code < 300 && out.Error == "" && o.Success != nil:
		return fmt.Errorf("is a successful response beside %d; one is supported", o.Success.Status)
	case code < 300 && out.Error == "":
		o.Success = out
	case out.Error != "" && (code >= 300 || o.Rejection != nil || out.Model == nil):
		return errors.New("x-error belongs to one response with a status of success and a model")
	case out.Model != nil && m != nil && m != out.Model:
		return fmt.Errorf("its schema is %s here and %s elsewhere; a status must have one", out.Model.Schema, m.Schema)
	case out.Model != nil:
		b.api.Errors[code] = out.Model
	}
	if out.Error != "" {
		o.Rejection = out
	}
	return nil
}
