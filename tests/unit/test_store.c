/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_arena.h"
#include "mtc_file.h"
#include "mtc_stan_csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mtc_store_XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void test_buffer(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;

    mtc_buffer_text(&b, NULL);
    assert_null(b.text);
    for (int i = 0; i < 1000; i++) {
        mtc_buffer_printf(&b, "%03d,", i);
    }
    mtc_buffer_add(&b, "a\0b", 3);
    assert_int_equal(b.n, 4003);
    assert_memory_equal(b.text + 3996, "999,a\0b\0", 8);
    assert_int_equal(mtc_buffer_check(&b, &err), MTC_OK);
    mtc_buffer_add(&b, "x", (size_t)-1);
    assert_int_equal(mtc_buffer_check(&b, &err), MTC_ENOMEM);
    mtc_buffer_text(&b, "more");
    assert_int_equal(b.n, 4003);
    mtc_buffer_fini(&b);
    mtc_buffer_fini(&b);
    mtc_buffer_fini(NULL);
}

static void *no_memory(void *p, size_t n)
{
    (void)p;
    (void)n;
    return NULL;
}

static void test_buffer_no_memory(void **state)
{
    (void)state;
    const mtc_allocator empty = {malloc, no_memory, free};
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_allocator_set(&empty);
    mtc_buffer_printf(&b, "%d", 1);
    mtc_allocator_set(NULL);
    assert_int_equal(mtc_buffer_check(&b, NULL), MTC_ENOMEM);
    mtc_buffer_fini(&b);
}

static void test_write_read(void **state)
{
    (void)state;
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;
    char long_text[100001];
    memset(long_text, 'm', sizeof long_text);

    assert_int_equal(mtc_file_write(in_folder("a.txt"), "first", 5, &err), MTC_OK);
    assert_int_equal(mtc_file_write(in_folder("a.txt"), long_text, sizeof long_text, &err), MTC_OK);
    assert_int_equal(mtc_file_read(in_folder("a.txt"), 200000, &b, &err), MTC_OK);
    assert_int_equal(b.n, sizeof long_text);
    assert_memory_equal(b.text, long_text, sizeof long_text);
    mtc_buffer_fini(&b);
    assert_int_equal(mtc_file_read(in_folder("a.txt"), 100000, &b, &err), MTC_EIO);
    assert_non_null(strstr(err.message, "larger than 100000 bytes"));
    assert_null(b.text);
    assert_int_equal(mtc_file_write_quick(in_folder("empty"), "gone", 4, &err), MTC_OK);
    assert_int_equal(mtc_file_write_quick(in_folder("empty"), NULL, 0, &err), MTC_OK);
    assert_int_equal(mtc_file_read(in_folder("empty"), 10, &b, &err), MTC_OK);
    assert_int_equal(b.n, 0);
    assert_string_equal(b.text, "");
    mtc_buffer_fini(&b);
}

/** Catches a failed write that leaves half a file or takes the old one away. */
static void test_write_fails(void **state)
{
    (void)state;
    char temporary[64];
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;

    assert_int_equal(mtc_folder_create(in_folder("target"), &err), MTC_OK);
    assert_int_equal(mtc_file_write(in_folder("target"), "x", 1, &err), MTC_EIO); /* rename onto a folder */
    assert_non_null(strstr(err.message, "target"));
    (void)snprintf(temporary, sizeof temporary, "target.%ld.tmp", (long)getpid());
    assert_false(mtc_file_exists(in_folder(temporary)));
    assert_int_equal(mtc_file_write(in_folder("none/a.txt"), "x", 1, &err), MTC_EIO);
    assert_int_equal(mtc_file_read(in_folder("none"), 10, &b, &err), MTC_EIO);
    assert_int_equal(mtc_file_read(in_folder("target"), 10, &b, &err), MTC_EIO);
    assert_int_equal(mtc_file_write(NULL, "x", 1, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_file_read(NULL, 1, &b, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_file_write("/dev/full/x", "x", 1, &err), MTC_EIO);
}

static void test_folders(void **state)
{
    (void)state;
    mtc_err err = MTC_ERR_INIT;
    char *path = NULL;

    assert_int_equal(mtc_folder_create(in_folder("p/q/r"), &err), MTC_OK);
    assert_int_equal(mtc_folder_create(in_folder("p/q/r/"), &err), MTC_OK);
    assert_true(mtc_file_exists(in_folder("p/q/r")));
    assert_int_equal(mtc_file_write(in_folder("p/file"), "x", 1, &err), MTC_OK);
    assert_int_equal(mtc_folder_create(in_folder("p/file/under"), &err), MTC_EIO);
    assert_int_equal(mtc_folder_create("", &err), MTC_EDOMAIN);
    assert_false(mtc_file_exists(in_folder("nothing")));
    assert_int_equal(mtc_path_join("out/", "a", &path, &err), MTC_OK);
    assert_string_equal(path, "out/a");
    mtc_free(path);
    assert_int_equal(mtc_path_join("out", "a", &path, &err), MTC_OK);
    assert_string_equal(path, "out/a");
    mtc_free(path);
}

static mtc_stan_chain small_chain(void)
{
    static const double delta[3] = {148.25, 0.1, -7e-300}, ratio[3] = {1.5, 2.5, INFINITY};
    static const double lp[3] = {-3.5, -4.5, -1.0}, ll[3] = {-2000.0, -2001.0, -2002.0}, step[3] = {0.5, 0.5, 0.5};
    static const char *const name[2] = {"doubling_time_days", "growth_ratio"};
    static const double *const param[2] = {delta, ratio};
    return (mtc_stan_chain){.version = "0.1.0",
                            .model = "linear",
                            .algorithm = "nuts",
                            .metric = "dense_e",
                            .seed = 7,
                            .chain = 2,
                            .n_warmup = 1000,
                            .n_draw = 3,
                            .n_param = 2,
                            .param_name = name,
                            .param = param,
                            .log_prior = lp,
                            .log_likelihood = ll,
                            .stepsize = step};
}

/** Catches comment lines that rstan's parser trips over: it counts num_samples and looks for these very words. */
static void test_stan_csv(void **state)
{
    (void)state;
    const mtc_stan_chain c = small_chain();
    mtc_buffer b = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;
    static const char *const wanted[] = {"#     num_samples = 3\n",
                                         "#     num_warmup = 1000\n",
                                         "#     save_warmup = 0 (Default)\n",
                                         "#     thin = 1 (Default)\n",
                                         "#     algorithm = hmc (Default)\n",
                                         "# id = 2\n",
                                         "\nlp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__"
                                         ",doubling_time_days,growth_ratio\n# "
                                         "Adaptation terminated\n# Step size = 0.5\n-2003.5,0,0.5,0,0,0,0,148.25,1.5\n",
                                         "-2005.5,0,0.5,0,0,0,0,0.10000000000000001,2.5\n",
                                         ",Inf\n#  Elapsed Time"};

    assert_int_equal(mtc_stan_csv_format(&c, &b, &err), MTC_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strstr(b.text, wanted[i]) == NULL) {
            fail_msg("missing %s in\n%s", wanted[i], b.text);
        }
    }
    mtc_buffer_fini(&b);
}

static void test_stan_csv_write(void **state)
{
    (void)state;
    mtc_stan_chain c = small_chain();
    mtc_buffer first = MTC_BUFFER_INIT, second = MTC_BUFFER_INIT;
    mtc_err err = MTC_ERR_INIT;
    static const char *const bad[2] = {"a,b", "c"};

    assert_int_equal(mtc_stan_csv_write(folder, &c, &err), MTC_OK);
    assert_int_equal(mtc_file_read(in_folder("draws/linear_chain2.csv"), 10000, &first, &err), MTC_OK);
    assert_int_equal(mtc_stan_csv_format(&c, &second, &err), MTC_OK);
    assert_string_equal(first.text, second.text);
    mtc_buffer_fini(&first);
    mtc_buffer_fini(&second);
    assert_int_equal(mtc_stan_csv_write("/dev/null/x", &c, &err), MTC_EIO);
    c.param_name = bad;
    assert_int_equal(mtc_stan_csv_write(folder, &c, &err), MTC_EDOMAIN);
    c = small_chain();
    c.model = "../x y";
    assert_int_equal(mtc_stan_csv_write(folder, &c, &err), MTC_OK);
    assert_true(mtc_file_exists(in_folder("draws/___x_y_chain2.csv")));
    c.log_prior = NULL;
    assert_int_equal(mtc_stan_csv_write(folder, &c, &err), MTC_EDOMAIN);
    assert_int_equal(mtc_stan_csv_write(NULL, &c, &err), MTC_EDOMAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer),         cmocka_unit_test(test_buffer_no_memory),
        cmocka_unit_test(test_write_read),     cmocka_unit_test(test_write_fails),
        cmocka_unit_test(test_folders),        cmocka_unit_test(test_stan_csv),
        cmocka_unit_test(test_stan_csv_write),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
