"""Names that the annotations share."""

import os
from typing import Any, Callable, Mapping, Tuple, Union

#: A JSON object as a mapping, or as text that is JSON already.
Json = Union[Mapping[str, Any], str]
Path = Union[str, os.PathLike[str]]
#: progress(done, total, line)
Progress = Callable[[int, int, str], Any]
#: transport(HttpRequest) -> HttpResponse, or (status, body, content_type, headers)
Transport = Callable[[Any], Tuple[Any, ...]]
