package ldapitest

import (
	"maps"
	"net/url"
	"strconv"
)

const (
	defaultTokens  = 25
	defaultMembers = 20
)

// page is the part of a list that a request asks for.
type page struct{ limit, offset int64 }

// parsePage reads limit and offset. A limit above the maximum is cut to it; what is no page at all is refused.
func parsePage(query url.Values, fallback, maximum int) (page, error) {
	limit, err := pageNumber(query, "limit", int64(min(fallback, maximum)), 1)
	if err != nil {
		return page{}, err
	}
	offset, err := pageNumber(query, "offset", 0, 0)
	return page{min(limit, int64(maximum)), offset}, err
}

func pageNumber(query url.Values, name string, fallback, least int64) (int64, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.ParseInt(query.Get(name), 10, 64)
	if err != nil || n < least {
		return 0, badRequest("%s must be an integer of at least %d", name, least)
	}
	return n, nil
}

// cut returns the page of a list; there is nothing past the end.
func cut[T any](p page, items []T) []T {
	length := int64(len(items))
	start := min(p.offset, length)
	return items[start:min(start+p.limit, length)]
}

// links returns names and hrefs: a page that does not exist has no link. All parameters of the request are kept.
func (p page) links(path string, query url.Values, items int, withNext bool) []string {
	total := int64(items)
	href := func(offset int64) string {
		q := maps.Clone(query)
		q.Set("limit", strconv.FormatInt(p.limit, 10))
		q.Del("offset")
		if offset > 0 {
			q.Set("offset", strconv.FormatInt(offset, 10))
		}
		return path + "?" + q.Encode()
	}
	last := max(0, (total-1)/p.limit*p.limit)
	var links []string
	if p.offset > 0 && total > 0 {
		links = append(links, "first", href(0), "prev", href(min(max(0, p.offset-p.limit), last)))
	}
	links = append(links, "self", href(p.offset))
	if p.offset < total-p.limit { // not p.offset+p.limit < total, which could overflow
		if withNext {
			links = append(links, "next", href(p.offset+p.limit))
		}
		links = append(links, "last", href(last))
	}
	return links
}

// listObject is a Tokens or a Members.
func (a *account) listObject(s shape, items []*object, links []string, total int) *object {
	if a.cfg.totalCount != nil {
		total = a.cfg.totalCount(total)
	}
	return s.object().set("items", items).set("_links", s.links(links...)).
		optional("totalCount", total, !a.cfg.withoutTotalCount)
}
