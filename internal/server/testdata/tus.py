"""Sends a file by the tus protocol with tuspy: some of it, then the rest as after a broken connection."""
import sys
from tusclient import client

url, token, path, layer = sys.argv[1:]
tus = client.TusClient(url, headers={"Authorization": "Bearer " + token})
metadata = {"layer": layer, "filename": "åker.geojson", "filetype": "application/geo+json", "crs": "EPSG:3006"}
first = tus.uploader(path, chunk_size=1000, metadata=metadata, upload_checksum=True)
first.upload(stop_at=3000)
second = tus.uploader(path, chunk_size=1000, url=first.url, upload_checksum=True)
assert second.offset == 3000, second.offset
second.upload()
print(second.request.response_headers["strukturbild-job"])
