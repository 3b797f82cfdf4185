package cluster

import (
	"fmt"
	"os"
	"strings"
)

// settings are for one service on one machine: bulk loads, few connections,
// reads served from the service's own memory.
// wal_level stays replica: minimal would spare WAL only for COPY into a table
// made in the same transaction, which the service never does, and it rules out
// base backups.
const settings = `# Written by strukturbild at every start. To change a setting use ALTER SYSTEM,
# or add it to postgresql.conf below the line that includes this file.
cluster_name = '%s'
max_connections = 60
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
jit = off

wal_level = replica
max_wal_size = 4GB
synchronous_commit = on
fsync = on
full_page_writes = on

timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'

logging_collector = on
log_directory = '..'
log_filename = '` + logName + `'
log_file_mode = 0600
log_rotation_age = 0
log_rotation_size = 0
log_line_prefix = '%%m [%%p] %%q%%u@%%d '
`

const settingsName = "strukturbild.conf"

// includeSettings adds ours to the file in which initdb noted what it found out
// about the machine, such as the kind of shared memory that works.
func (c *Cluster) includeSettings(pg string) error {
	f, err := c.dir.OpenFile(pg+"/postgresql.conf", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString("\ninclude '" + settingsName + "'\n"); err != nil {
		return err
	}
	return f.Sync()
}

// fixed are the settings that keep the cluster private. They stand on the
// command line, where neither a file nor ALTER SYSTEM can undo them.
func (c *Cluster) fixed() []string {
	return []string{
		"-D", c.join(pgName),
		"-c", "listen_addresses=",
		"-c", "port=" + port,
		"-c", `unix_socket_directories="` + strings.ReplaceAll(c.sockets, `"`, `""`) + `"`,
		"-c", "unix_socket_permissions=0700",
		"-c", "hba_file=" + c.join(pgName+"/pg_hba.conf"),
		"-c", "ident_file=" + c.join(pgName+"/pg_ident.conf"),
	}
}

// writeSettings writes what is the same for every start and who may connect:
// the kernel tells the server the OS user at the other end of the socket (peer),
// and the map names those that are let in: the service's, the cluster's, and
// root for administration. There is no password.
func (c *Cluster) writeSettings() error {
	service, err := serviceUser()
	if err != nil {
		return err
	}
	var ident strings.Builder
	for _, osUser := range []string{service, c.owner.name, "root"} {
		for _, role := range []string{roleName, superuser} {
			fmt.Fprintf(&ident, "strukturbild %q %q\n", osUser, role)
		}
	}
	for name, text := range map[string]string{
		settingsName:    fmt.Sprintf(settings, c.title()),
		"pg_hba.conf":   "local all all peer map=strukturbild\n",
		"pg_ident.conf": ident.String(),
	} {
		if err := c.writeFile(pgName+"/"+name, text); err != nil {
			return fmt.Errorf("write the server's settings: %w", err)
		}
	}
	return nil
}
