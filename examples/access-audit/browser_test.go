package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browser returns a function that runs Chromium without a window on a page, and returns its standard output. Machines without it, on
// which the README's commands have to work too, see the test of the page's text only.
func browser(t *testing.T, path string) func(flags ...string) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return nil
	}
	return func(flags ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=2000",
			"--user-data-dir=" + t.TempDir(), "--window-size=1280,1600"}, flags...)
		cmd := exec.CommandContext(ctx, chromium, append(args, "file://"+path)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.NoError(t, err, stderr.String())
		return string(out)
	}
}

// page of the demo, with a script at its end.
func demoPage(t *testing.T, script string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, writeHTML(&b, demo(t)))
	path := filepath.Join(t.TempDir(), "audit.html")
	text := strings.Replace(b.String(), "</body>", "<script>"+script+"</script></body>", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// TestPageInABrowser: what a person sees, does and prints.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	run := browser(t, demoPage(t, `
		const heading = [...document.querySelectorAll("#members + .scroll th")].find(th => th.textContent === "Last seen");
		const first = () => document.querySelector("#members + .scroll tbody tr").cells[7].textContent;
		const visible = document.querySelector("h1").getBoundingClientRect().height > 0 && document.querySelector("svg rect").getBoundingClientRect().width > 0;
		heading.click(); const up = first();
		heading.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"})); const down = first();
		const wide = document.documentElement.scrollWidth > window.innerWidth;
		document.title = [visible, up, down, heading.getAttribute("aria-sort"), wide, document.querySelector("#findings-count").textContent].join("|");`))
	if run == nil {
		t.Log("no chromium: the page's text is checked by the other tests")
		return
	}
	dom := run("--dump-dom")
	_, title, _ := strings.Cut(dom, "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	a := demo(t)
	first := "never"
	for _, m := range a.Members {
		first = min(first, m.seen())
	}
	assert.Equal(t, fmt.Sprintf("true|%s|never|descending|false|%d", first, len(a.Findings)), title)
	assert.Equal(t, people+len(a.Tokens)+len(a.Teams)+len(a.Roles)+len(a.Findings)+len(a.Events)+6, strings.Count(dom, "<tr>"), "all lines of all tables")

	pdf := filepath.Join(t.TempDir(), "audit.pdf")
	run("--print-to-pdf=" + pdf)
	info, err := os.Stat(pdf)
	require.NoError(t, err)
	assert.Greater(t, info.Size(), int64(50_000), "all tables are printed")
}

// TestPageInLightAndDark: the page follows the reader's preference, and is the same without JavaScript.
func TestPageInLightAndDark(t *testing.T) {
	t.Parallel()
	path := demoPage(t, "")
	run := browser(t, path)
	if run == nil {
		t.Log("no chromium: the page's text is checked by the other tests")
		return
	}
	brightness := func(flags ...string) float64 {
		path := filepath.Join(t.TempDir(), "page.png")
		run(append(flags, "--screenshot="+path)...)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		picture, err := png.Decode(bytes.NewReader(text))
		require.NoError(t, err)
		sum, n := 0.0, 0
		for y := 0; y < picture.Bounds().Dy(); y += 5 {
			for x := 0; x < picture.Bounds().Dx(); x += 5 {
				r, g, b, _ := picture.At(x, y).RGBA()
				sum, n = sum+float64(r+g+b)/3/0xffff, n+1
			}
		}
		return sum / float64(n)
	}
	light, dark := brightness("--blink-settings=preferredColorScheme=1"), brightness("--blink-settings=preferredColorScheme=0")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	plain := regexp.MustCompile(`(?s)<script>.*?</script>`).ReplaceAll(text, nil)
	require.NotEqual(t, len(text), len(plain))
	require.NoError(t, os.WriteFile(path, plain, 0o600))
	still := brightness("--blink-settings=preferredColorScheme=1")
	t.Logf("brightness %.2f light, %.2f dark, %.2f without JavaScript", light, dark, still)
	assert.Greater(t, light, 0.8)
	assert.Less(t, dark, 0.3)
	assert.InDelta(t, light, still, 0.01)
}
