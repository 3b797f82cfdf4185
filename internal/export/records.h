// What package export does with OGR a record at a time, in C: a call from Go for each field of each feature would take
// longer than the writing.
#ifndef RECORDS_H
#define RECORDS_H

#include <stddef.h>

#include "cpl_string.h"
#include "gdal.h"
#include "ogr_api.h"
#include "ogr_srs_api.h"

// export_begin registers the drivers and begins to listen to what GDAL says.
void export_begin(void);

// export_fault gives the first warning or failure of GDAL, or "".
const char *export_fault(void);

// export_write writes features from records as recorder.append makes them, to a layer whose fields have the kinds. It
// gives 0 when GDAL has failed, or when the records don't end where they should.
int export_write(OGRLayerH layer, const char *kinds, int fields, const unsigned char *records, size_t size);

#endif
