# cmake -DOUT=presets.c -DFILES=a.yaml,b.yaml -P MtcEmbed.cmake
# Write text files as C bytes (no limit on the length of a literal), one entry {name, text} each, in the order given.
string(REPLACE "," ";" FILES "${FILES}")
set(arrays "")
set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" bytes HEX)
  if(bytes STREQUAL "")
    message(FATAL_ERROR "${file} is empty")
  endif()
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const unsigned char text_${name}[] = {\n${bytes}0x00};\n")
  string(APPEND entries "    {\"${name}\", (const char *)text_${name}},\n")
endforeach()
file(WRITE "${OUT}.new" "/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The presets of priors, made by cmake/MtcEmbed.cmake. */
#include \"mtc_presets.h\"

#include <stddef.h>

${arrays}
const mtc_preset mtc_presets[] = {
${entries}    {NULL, NULL},
};
")
file(RENAME "${OUT}.new" "${OUT}")
