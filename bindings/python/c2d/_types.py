"""Names that the annotations share."""

import os
from typing import Any, Callable, Mapping, Tuple, Union

#: A JSON object as a mapping, or as text that is JSON already.
Json = Union[Mapping[str, Any], str]
Path = Union[str, os.PathLike[str]]
#: progress(done, total, line); or True for a bar, None for one on a terminal and in a notebook, False for none
Progress = Union[Callable[[int, int, str], Any], bool]
#: transport(HttpRequest) -> HttpResponse, or (status, body, content_type, headers)
Transport = Callable[[Any], Tuple[Any, ...]]
