#include "records.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cpl_error.h"

// Declared in ogrsf_frmts.h, which is C++.
extern void RegisterOGRFlatGeobuf(void);
extern void RegisterOGRGeoPackage(void);
extern void RegisterOGRShape(void);

static char fault[1000];

// A warning is a fault too: GDAL warns when it could not keep a value. That a disk is full it often leaves out.
static void CPL_STDCALL heard(CPLErr class, CPLErrorNum number, const char *message) {
	int full = errno == ENOSPC || errno == EFBIG;
	(void)number;
	if (class >= CE_Warning && fault[0] == 0)
		snprintf(fault, sizeof fault, "%s%s%s", message, full ? ": " : "", full ? strerror(errno) : "");
}

void export_begin(void) {
	CPLSetErrorHandler(heard);
	RegisterOGRFlatGeobuf();
	RegisterOGRGeoPackage();
	RegisterOGRShape();
}

const char *export_fault(void) { return fault; }

typedef struct {
	const unsigned char *at;
	size_t left;
	int failed;
} cursor;

static const unsigned char *take(cursor *c, size_t n) {
	const unsigned char *taken = c->at;
	if (c->failed || c->left < n) {
		c->failed = 1;
		return NULL;
	}
	c->at += n;
	c->left -= n;
	return taken;
}

// Little-endian, as are all machines that this runs on (record.go).
static void number(cursor *c, void *to, size_t n) {
	const unsigned char *from = take(c, n);
	if (from != NULL)
		memcpy(to, from, n);
	else
		memset(to, 0, n);
}

static int32_t i32(cursor *c) {
	int32_t v;
	number(c, &v, sizeof v);
	return v;
}

static void instant(cursor *c, OGRFeatureH feature, int i, int only_date) {
	int32_t year = i32(c), month = i32(c), day = i32(c), hour = 0, minute = 0, millis = 0, utc = 0;
	if (!only_date) {
		hour = i32(c), minute = i32(c), millis = i32(c);
		utc = 100; // OGR's name for UTC
	}
	OGR_F_SetFieldDateTimeEx(feature, i, year, month, day, hour, minute, (float)(millis / 1000.0), utc);
}

static void field(cursor *c, OGRFeatureH feature, int i, char kind) {
	const unsigned char *there = take(c, 1);
	if (there == NULL || *there == 0) {
		OGR_F_SetFieldNull(feature, i);
		return;
	}
	switch (kind) {
	case 's': {
		uint32_t n = (uint32_t)i32(c);
		const unsigned char *text = take(c, (size_t)n + 1);
		if (text != NULL)
			OGR_F_SetFieldString(feature, i, (const char *)text);
		break;
	}
	case 'i': {
		int64_t v;
		number(c, &v, sizeof v);
		OGR_F_SetFieldInteger64(feature, i, v);
		break;
	}
	case 'd': {
		double v;
		number(c, &v, sizeof v);
		OGR_F_SetFieldDouble(feature, i, v);
		break;
	}
	case 'b': {
		const unsigned char *v = take(c, 1);
		OGR_F_SetFieldInteger(feature, i, v != NULL && *v);
		break;
	}
	default:
		instant(c, feature, i, kind == 'D');
	}
}

static int shape(cursor *c, OGRFeatureH feature) {
	uint32_t n = (uint32_t)i32(c);
	const unsigned char *wkb = take(c, n);
	OGRGeometryH geometry = NULL;
	if (wkb == NULL || n == 0)
		return wkb != NULL;
	if (OGR_G_CreateFromWkb(wkb, NULL, &geometry, (int)n) != OGRERR_NONE)
		return 0;
	return OGR_F_SetGeometryDirectly(feature, geometry) == OGRERR_NONE;
}

int export_write(OGRLayerH layer, const char *kinds, int fields, const unsigned char *records, size_t size) {
	cursor c = {records, size, 0};
	OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
	int ok = 1;
	while (ok && c.left > 0) {
		OGR_F_SetFID(feature, OGRNullFID);
		ok = shape(&c, feature);
		for (int i = 0; i < fields; i++)
			field(&c, feature, i, kinds[i]);
		ok = ok && !c.failed && OGR_L_CreateFeature(layer, feature) == OGRERR_NONE && fault[0] == 0;
	}
	OGR_F_Destroy(feature);
	return ok;
}
