#include "ogrstream.h"

#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_feature.h>

enum { tagNull, tagFalse, tagTrue, tagInteger, tagNumber, tagFloat, tagText, tagJSON };

struct ogrstream {
	OGRLayerH layer;
	OGRFeatureDefnH definition;
	bool keepFID;
	std::string record; // of the feature at hand; reused
	bool waiting;       // the record has not been handed out
	std::vector<std::pair<int, std::string>> said;
	size_t told;
};

// Only the first messages count, but never so that a failure is lost.
static void CPL_STDCALL hear(CPLErr category, CPLErrorNum, const char *message) {
	ogrstream *s = static_cast<ogrstream *>(CPLGetErrorHandlerUserData());
	if (category >= CE_Warning && s->said.size() < (category >= CE_Failure ? 40u : 20u))
		s->said.emplace_back(category, message);
}

ogrstream *ogrstream_open(const char *dataset, int layer, int keep_fid) {
	GDALDatasetH *open = nullptr;
	int count = 0;
	GDALGetOpenDatasets(&open, &count);
	for (int i = 0; i < count; i++) {
		if (strcmp(GDALGetDescription(open[i]), dataset) != 0)
			continue;
		OGRLayerH found = GDALDatasetGetLayer(open[i], layer);
		if (!found)
			return nullptr;
		OGR_L_ResetReading(found);
		return new ogrstream{found, OGR_L_GetLayerDefn(found), keep_fid != 0, {}, false, {}, 0};
	}
	return nullptr;
}

int ogrstream_columns(const ogrstream *s) { return OGR_FD_GetFieldCount(s->definition); }

const char *ogrstream_column(const ogrstream *s, int i) {
	return OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(s->definition, i));
}

// raw appends bytes as the machine has them: both processes are of one machine.
template <typename T> static void raw(std::string &to, T value) {
	to.append(reinterpret_cast<const char *>(&value), sizeof value);
}

static void text(std::string &to, char tag, const char *value) {
	const size_t length = strlen(value);
	to.push_back(tag);
	raw(to, static_cast<uint32_t>(length));
	to.append(value, length);
}

// geometry appends the length and the ISO WKB of the geometry, arcs made straight.
static void geometry(std::string &to, OGRGeometryH g) {
	OGRGeometryH linear = nullptr;
	if (g && OGR_G_HasCurveGeometry(g, TRUE))
		g = linear = OGR_G_GetLinearGeometry(g, 0, nullptr);
	const size_t size = g ? OGR_G_WkbSizeEx(g) : 0, at = to.size();
	raw(to, static_cast<uint32_t>(size));
	to.resize(at + 4 + size);
	if (g)
		OGR_G_ExportToIsoWkb(g, wkbNDR, reinterpret_cast<unsigned char *>(&to[at + 4]));
	OGR_G_DestroyGeometry(linear);
}

static void number(std::string &to, OGRFieldDefnH field, double value) {
	if (!std::isfinite(value)) { // JSON has no such number, nor have we
		to.push_back(tagNull);
	} else if (OGR_Fld_GetSubType(field) == OFSTFloat32) {
		to.push_back(tagFloat);
		raw(to, static_cast<float>(value));
	} else {
		to.push_back(tagNumber);
		raw(to, value);
	}
}

static void value(std::string &to, OGRFeatureH feature, OGRFieldDefnH field, int i) {
	if (!OGR_F_IsFieldSetAndNotNull(feature, i)) {
		to.push_back(tagNull);
		return;
	}
	switch (OGR_Fld_GetType(field)) {
	case OFTInteger:
	case OFTInteger64:
		if (OGR_Fld_GetSubType(field) == OFSTBoolean) {
			to.push_back(OGR_F_GetFieldAsInteger(feature, i) ? tagTrue : tagFalse);
			return;
		}
		to.push_back(tagInteger);
		raw(to, static_cast<int64_t>(OGR_F_GetFieldAsInteger64(feature, i)));
		return;
	case OFTReal:
		number(to, field, OGR_F_GetFieldAsDouble(feature, i));
		return;
	case OFTIntegerList:
	case OFTInteger64List:
	case OFTRealList:
	case OFTStringList: {
		char *json = OGRFeature::FromHandle(feature)->GetFieldAsSerializedJSon(i);
		text(to, tagJSON, json ? json : "null");
		CPLFree(json);
		return;
	}
	default:
		text(to, tagText, OGR_F_GetFieldAsString(feature, i));
	}
}

// next makes the record of the next feature; false at the end.
static bool next(ogrstream *s) {
	OGRFeatureH feature = OGR_L_GetNextFeature(s->layer);
	if (!feature)
		return false;
	s->record.assign(4, 0);
	const GIntBig fid = s->keepFID ? OGR_F_GetFID(feature) : OGRNullFID;
	s->record.push_back(fid != OGRNullFID);
	raw(s->record, static_cast<int64_t>(fid));
	geometry(s->record, OGR_F_GetGeometryRef(feature));
	for (int i = 0, n = OGR_FD_GetFieldCount(s->definition); i < n; i++)
		value(s->record, feature, OGR_FD_GetFieldDefn(s->definition, i), i);
	OGR_F_Destroy(feature);
	const uint32_t length = static_cast<uint32_t>(s->record.size() - 4);
	memcpy(&s->record[0], &length, 4);
	return true;
}

size_t ogrstream_fill(ogrstream *s, unsigned char *buffer, size_t size, size_t *need) {
	size_t used = 0;
	CPLPushErrorHandlerEx(hear, s);
	while (s->waiting || next(s)) {
		s->waiting = s->record.size() > size - used;
		if (s->waiting) {
			*need = used ? 0 : s->record.size();
			break;
		}
		memcpy(buffer + used, s->record.data(), s->record.size());
		used += s->record.size();
	}
	CPLPopErrorHandler();
	return used;
}

int ogrstream_said(ogrstream *s, const char **message) {
	if (s->told == s->said.size())
		return 0;
	*message = s->said[s->told].second.c_str();
	return s->said[s->told++].first;
}

void ogrstream_close(ogrstream *s) { delete s; }
