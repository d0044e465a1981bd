# Warnings and floating-point rules of every target of the project; PRIVATE, so that no consumer gets them.
add_library(mtc_flags INTERFACE)
target_compile_features(mtc_flags INTERFACE c_std_17)
target_compile_definitions(mtc_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(mtc_flags INTERFACE
  -ffp-contract=off -fvisibility=hidden
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef
  # clang warns of every INFINITY and NAN, which C17 makes floats
  $<$<C_COMPILER_ID:GNU>:-Wdouble-promotion>)
if(METACHRON_WERROR)
  target_compile_options(mtc_flags INTERFACE -Werror)
endif()
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
