# Makes links of installed pages lead to what is installed beside them, or to the project's home.
#
# PAGES: the folder; INCLUDE: the headers as seen from it; HOME: the project's home.
file(GLOB_RECURSE pages "${PAGES}/*.md")
foreach(page IN LISTS pages)
  file(READ "${page}" text)
  set(linked "${text}")
  foreach(up "" "../")  # the folder itself, and those in it
    string(REPLACE "](${up}../include/" "](${up}${INCLUDE}/" linked "${linked}")
    string(REPLACE "](${up}../examples/" "](${up}examples/" linked "${linked}")
    string(REPLACE "](${up}../CONTRIBUTING.md" "](${HOME}/blob/main/CONTRIBUTING.md" linked "${linked}")
  endforeach()
  if(NOT linked STREQUAL text)
    file(WRITE "${page}" "${linked}")
  endif()
endforeach()
