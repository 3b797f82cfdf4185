package cluster

import (
	"context"
	"errors"
	"time"
)

const (
	minPause   = 200 * time.Millisecond
	maxPause   = 30 * time.Second
	steady     = time.Minute // a run this long ends a series of failures
	checkEvery = time.Minute
)

// supervise keeps the server running until Stop. A server that dies is started
// again, after a pause that doubles while it keeps dying.
func (c *Cluster) supervise(pm *postmaster) {
	defer close(c.done)
	defer c.release()
	check := time.NewTicker(checkEvery)
	defer check.Stop()
	for pause := minPause; ; {
		select {
		case ctx := <-c.stop:
			c.stopErr = c.end(ctx, pm)
			c.log.Info("private PostGIS cluster is down", "directory", c.path)
			return
		case <-check.C:
			c.boundLog()
		case <-pm.exited:
			if time.Since(pm.started) > steady {
				pause = minPause
			}
			c.log.Error("PostgreSQL ended by itself; starting it again", "reason", pm.err, "in", pause, "log", c.join(logName))
			if c.stoppedWithin(pause) {
				return
			}
			pause = min(2*pause, maxPause)
			pm = c.relaunch()
		}
	}
}

// end also waits for the log collector, the last of the server's processes.
func (c *Cluster) end(ctx context.Context, pm *postmaster) error {
	err := pm.end(ctx)
	return errors.Join(err, c.awaitNone(context.WithoutCancel(ctx), immediateWait))
}

func (c *Cluster) stoppedWithin(pause time.Duration) bool {
	select {
	case <-c.stop:
		return true
	case <-time.After(pause):
		return false
	}
}

func (c *Cluster) relaunch() *postmaster {
	ctx, cancel := context.WithTimeout(context.Background(), fastWait)
	defer cancel()
	if err := c.reap(ctx); err != nil {
		c.log.Error("cannot clear what the dead server left", "error", err)
	}
	return c.launch()
}
