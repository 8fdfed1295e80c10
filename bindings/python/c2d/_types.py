"""Names that the annotations share."""

import os
from typing import Any, Callable, Dict, Mapping, Tuple, Union

#: What the library put out as a JSON object.
Record = Dict[str, Any]
#: A JSON object as a mapping, or as text that is JSON already.
Json = Union[Mapping[str, Any], str]
Path = Union[str, os.PathLike[str]]
#: progress(done, total, line)
Progress = Callable[[int, int, str], Any]
#: transport(HttpRequest) -> HttpResponse, or (status, body, content_type, headers)
Transport = Callable[[Any], Tuple[Any, ...]]
