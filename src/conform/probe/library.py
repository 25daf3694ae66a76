"""Functions that are known without their text: what C and POSIX say of them."""

from __future__ import annotations

# Functions of numbers, each of them in three precisions.
_OF_NUMBERS = (
    "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p logb pow sqrt cbrt hypot fma floor ceil round "
    "lround llround trunc rint lrint llrint nearbyint fmod remainder fmin fmax fdim copysign nextafter nexttoward ldexp scalbn scalbln ilogb erf erfc "
    "tgamma lgamma fabs nan creal cimag cabs carg conj cproj cexp clog cpow csqrt csin ccos ctan casin cacos catan csinh ccosh ctanh casinh cacosh catanh").split()
# What has one part of a complex number as its value.
PARTS = frozenset(name + precision for name in ("creal", "cimag", "cabs", "carg") for precision in ("", "f", "l"))
# They write nothing that a program has, keep no address, and call nobody back.
READS_ONLY = frozenset((
    "printf fprintf vprintf vfprintf puts fputs fputc putc putchar perror fwrite strlen strnlen strcmp strncmp strcasecmp strncasecmp strcoll memcmp free "
    "fclose fflush exit _Exit abort abs labs llabs isnan isinf isfinite isnormal signbit j0 j1 jn y0 y1 yn sizeof assert isalpha isdigit isalnum isspace "
    "isupper islower isprint ispunct isxdigit toupper tolower rand random drand48 srand srand48 srandom clock difftime getpid feof ferror ftell rewind "
    "fseek fgetc getc getchar ungetc fileno remove rename strerror atoi atol atoll atof access usleep sleep omp_get_thread_num omp_get_num_threads "
    "omp_get_max_threads omp_set_num_threads omp_get_wtime va_start va_end va_arg va_copy offsetof __builtin_expect __builtin_unreachable "
    "__builtin_constant_p __builtin_va_start __builtin_va_end defined").split()) | frozenset(name + precision for name in _OF_NUMBERS for precision in ("", "f", "l"))
# Of those, what writes where its text has a %n.
PRINTS = frozenset("printf fprintf vprintf vfprintf".split())
# They write through the addresses that they are given, and do neither of the other two.
WRITES_ARGUMENTS = frozenset(
    "scanf fscanf sscanf vscanf vfscanf vsscanf fgets fread gets getline getdelim sprintf snprintf vsprintf vsnprintf memcpy memmove memset bzero bcopy strcpy "
    "strncpy strcat strncat strchr strrchr strstr strpbrk strspn strcspn memchr strtol strtoul strtoll strtoull strtod strtof strtold frexp modf modff sincos "
    "remquo lgamma_r malloc calloc realloc aligned_alloc posix_memalign fopen freopen fdopen open close read write lseek stat fstat lstat getenv strdup strndup "
    "time gettimeofday clock_gettime nanosleep localtime gmtime localtime_r gmtime_r mktime strftime ctime asctime rand_r erand48 nrand48 tmpfile popen "
    "pclose system fgetpos fsetpos clearerr isatty getcwd chdir mkdir unlink abort omp_init_lock omp_set_lock omp_unset_lock omp_destroy_lock memccpy stpcpy "
    "strtok_r swab mempcpy atomic_init atomic_load atomic_load_explicit atomic_store atomic_store_explicit atomic_exchange "
    "atomic_exchange_explicit atomic_fetch_add atomic_fetch_sub atomic_fetch_or atomic_fetch_and atomic_compare_exchange_strong "
    "atomic_compare_exchange_weak atomic_flag_test_and_set atomic_flag_clear".split())
# What they return is a new piece of memory, or nothing that is an address of the program's.
FRESH = frozenset("malloc calloc aligned_alloc fopen fdopen freopen tmpfile popen getenv strdup strndup strerror open".split())
# Names of headers that are no place where an address of the program's is kept.
NUMBERS = frozenset("errno true false stdin stdout stderr".split())
# With one of these about, something may run at any moment.
AT_ANY_MOMENT = frozenset(
    "signal sigaction bsd_signal sysv_signal sigset pthread_create thrd_create timer_create mq_notify aio_read aio_write clone SetTimer CreateThread "
    "_beginthread _beginthreadex cnd_wait io_uring_queue_init".split())
# With one of these about, a function that prints or reads may call back.
CALLS_BACK_LATER = frozenset("fopencookie funopen register_printf_function register_printf_specifier setvbuf setbuf setbuffer".split())
