dnl SPDX-License-Identifier: Apache-2.0
dnl Probes for compiler and linker flags, and for required libraries.

dnl SB_ADD_CFLAGS(VARIABLE, FLAGS)
dnl Append to VARIABLE each of FLAGS that the compiler takes without a word. A libc header is
dnl included because glibc is where _FORTIFY_SOURCE without optimisation is complained about.
AC_DEFUN([SB_ADD_CFLAGS], [
for sb_flag in m4_normalize([$2]); do
    AC_MSG_CHECKING([whether $CC takes $sb_flag])
    sb_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS -Werror $sb_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]])], [sb_taken=yes], [sb_taken=no])
    CFLAGS=$sb_saved_cflags
    AC_MSG_RESULT([$sb_taken])
    if test "$sb_taken" = yes; then $1="$$1 $sb_flag"; fi
done
])

dnl SB_ADD_LDFLAGS(VARIABLE, FLAGS, [CFLAGS])
dnl Append to VARIABLE each of FLAGS with which a program compiled with CFLAGS links.
AC_DEFUN([SB_ADD_LDFLAGS], [
for sb_flag in m4_normalize([$2]); do
    AC_MSG_CHECKING([whether the linker takes $sb_flag])
    sb_saved_cflags=$CFLAGS
    sb_saved_ldflags=$LDFLAGS
    CFLAGS="$CFLAGS -Werror $3"
    LDFLAGS="$LDFLAGS $sb_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]])], [sb_taken=yes], [sb_taken=no])
    CFLAGS=$sb_saved_cflags
    LDFLAGS=$sb_saved_ldflags
    AC_MSG_RESULT([$sb_taken])
    if test "$sb_taken" = yes; then $1="$$1 $sb_flag"; fi
done
])

dnl SB_REQUIRE_FLAG(FLAG, REMEDY)
dnl Stop unless programs compile and link with FLAG.
AC_DEFUN([SB_REQUIRE_FLAG], [
AC_MSG_CHECKING([whether programs build with $1])
sb_saved_cflags=$CFLAGS
CFLAGS="$CFLAGS -Werror $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]])], [sb_taken=yes], [sb_taken=no])
CFLAGS=$sb_saved_cflags
AC_MSG_RESULT([$sb_taken])
if test "$sb_taken" = no; then AC_MSG_ERROR([$2]); fi
])

dnl SB_REQUIRE_LIBRARY(PREFIX, PKG-CONFIG-SPEC, DEBIAN-PACKAGE)
AC_DEFUN([SB_REQUIRE_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 is needed but was not found: ${$1[]_PKG_ERRORS}
On Debian: apt-get install $3])])
])
