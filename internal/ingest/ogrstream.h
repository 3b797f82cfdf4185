// The reading of an OGR layer into a buffer, many features a call: see ogrstream.go for the form of what it writes.
#ifndef OGRSTREAM_H
#define OGRSTREAM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ogrstream ogrstream;

// ogrstream_open begins the given layer of the open dataset of that name. keep_fid: write the key of each feature.
// NULL when there is none.
ogrstream *ogrstream_open(const char *dataset, int layer, int keep_fid);
int ogrstream_columns(const ogrstream *s);
const char *ogrstream_column(const ogrstream *s, int i);

// ogrstream_fill writes whole features into the buffer and gives their bytes, 0 at the end of the layer. When not even
// one fits, *need is set to what it takes, and it comes again.
size_t ogrstream_fill(ogrstream *s, unsigned char *buffer, size_t size, size_t *need);

// ogrstream_said takes the next thing that GDAL has said, an error class and a message; 0 when there is no more.
int ogrstream_said(ogrstream *s, const char **message);
void ogrstream_close(ogrstream *s);

#ifdef __cplusplus
}
#endif
#endif
