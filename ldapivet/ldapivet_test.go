package ldapivet_test

import (
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/ldapi-go/ldapi/ldapivet"
)

func TestDroppedRequests(t *testing.T) {
	t.Parallel()
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), ldapivet.Analyzer, "dropped")
}

func TestIgnoredErrors(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), ldapivet.Analyzer, "ignored")
}

// TestOtherPackages: types with the same names in other packages are ignored.
func TestOtherPackages(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), ldapivet.Analyzer, "other")
}

func TestAnalyzerIsValid(t *testing.T) {
	t.Parallel()
	if err := analysis.Validate([]*analysis.Analyzer{ldapivet.Analyzer}); err != nil {
		t.Error(err)
	}
}
