// Command benchmarks compares decoding by the SDK with peers: encoding/json, goccy/go-json and sonic into plain structs, and jx by
// hand. It prints a table of times relative to json.Valid over the same bytes.
//
//	go run .                       # from the directory benchmarks
//	go run . -only members -n 3    # the documents whose name contains members, medians of three
//
// Each measurement runs in a process of its own, so that the garbage collector sees a small heap, as in a command-line tool.
// Plain structs keep no unknown properties, and the peers do not bound their memory.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// measurement is what one process prints.
type measurement struct {
	NS     float64
	Bytes  int64
	Allocs int64
}

func main() {
	only := flag.String("only", "", "measure the documents whose name contains this `text`")
	runs := flag.Int("n", 5, "`number` of processes for each figure, which is their median")
	one := flag.String("one", "", "measure one `document/decoder`, and print it as JSON")
	flag.Parse()
	if err := run(*only, *runs, *one); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func run(only string, runs int, one string) error {
	if one != "" {
		m, err := measure(one)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(m)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "document\tbytes\tdecoder\tns\tx json.Valid\tallocs\tx document\t\n")
	for _, d := range documents() {
		if !strings.Contains(d.name, only) {
			continue
		}
		valid := 0.0
		for _, name := range decoderNames {
			m, err := median(d.name+"/"+name, runs)
			if err != nil {
				return err
			}
			if name == decoderNames[0] {
				valid = m.NS
			}
			size := len(d.text())
			fmt.Fprintf(table, "%s\t%d\t%s\t%.0f\t%.2f\t%d\t%.1f\t\n", d.name, size, name, m.NS, m.NS/valid, m.Allocs, float64(m.Bytes)/float64(size))
		}
	}
	return table.Flush()
}

// median measures in several processes, and returns the measurement with the median time.
func median(one string, runs int) (measurement, error) {
	var all []measurement
	for range runs {
		out, err := exec.Command(os.Args[0], "-one", one).Output()
		if err != nil {
			return measurement{}, fmt.Errorf("%s: %w", one, err)
		}
		var m measurement
		if err := json.Unmarshal(out, &m); err != nil {
			return m, err
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(x, y measurement) int { return int(x.NS - y.NS) })
	return all[len(all)/2], nil
}

func measure(one string) (measurement, error) {
	name, decoder, _ := strings.Cut(one, "/")
	i := slices.IndexFunc(documents(), func(d document) bool { return d.name == name })
	if i < 0 {
		return measurement{}, fmt.Errorf("no document %q", name)
	}
	d := documents()[i]
	decode, text := decoders[decoder], d.text()
	if decode == nil {
		return measurement{}, fmt.Errorf("no decoder %q", decoder)
	}
	n, err := decode(d.tokens, text)
	if err != nil || n != d.items && n >= 0 {
		return measurement{}, fmt.Errorf("%s: %d items of %d, %w", one, n, d.items, err)
	}
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(d.tokens, text); err != nil {
				b.Fatal(err)
			}
		}
	})
	return measurement{float64(r.T.Nanoseconds()) / float64(r.N), r.AllocedBytesPerOp(), r.AllocsPerOp()}, nil
}
