package main

import (
	"strings"
	"testing"
	"time"
)

func TestEveryFaultOfTheConfigurationIsReported(t *testing.T) {
	good := serveCommand{Listen: "127.0.0.1:8080", organisation: organisation{Organisation: "Regionen"}, limits: limits{MaxBodyMiB: 16,
		MaxUploadMiB: 2048, UploadTime: time.Minute, MaxExportMiB: 1024, ExportTime: time.Minute, ReportTime: time.Minute, UploadsOnce: 1, UploadsWait: 1, JobsKept: time.Hour, Grace: time.Second}}
	if err := good.validate(); err != nil {
		t.Fatal(err)
	}
	bad := serveCommand{Listen: "8080", BaseURL: "example.org/", DemoWhenEmpty: -1,
		organisation: organisation{Organisation: " ", OrganisationHomepage: "example.org", OrganisationEmail: "plan"},
		database:     database{DatabaseURL: "mysql://localhost"}, limits: limits{MaxUploadMiB: 1 << 21, Grace: time.Second}}
	err := bad.validate()
	if err == nil {
		t.Fatal("nothing is found")
	}
	for _, flag := range []string{"--listen", "--base-url", "--database-url", "--max-body-mib", "--max-upload-mib", "--upload-time",
		"--max-export-mib", "--export-time", "--uploads-at-once", "--uploads-waiting", "--jobs-kept", "--demo-when-empty", "--organisation must", "--organisation-homepage",
		"--organisation-email"} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is not named in:\n%v", flag, err)
		}
	}
	if strings.Contains(err.Error(), "--grace") {
		t.Errorf("--grace is right, but named in:\n%v", err)
	}
}
