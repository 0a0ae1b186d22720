package endtoend_test

import (
	"testing"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
