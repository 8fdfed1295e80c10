/* The sum of what two parties know, opened to the third: three processes over TLS.
 *
 *   cc -std=c99 joint_sum.c $(pkg-config --cflags --libs c2d) -o joint_sum
 *
 * In earnest each process runs at its own organisation, with a key of its own. */
#define _POSIX_C_SOURCE 200809L
#include <c2d/c2d.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int failed(const char* what, c2d_error* error) {
    fprintf(stderr, "%s: %s\n", what, c2d_error_message(error));
    c2d_error_destroy(error);
    return 1;
}

static int run_party(unsigned party, const c2d_key* key, const char* const* hosts, const unsigned* ports,
                     const char* const* addresses) {
    const double known[2] = {19.5, 22.5};
    const unsigned to = 2;
    c2d_error* error = NULL;
    c2d_mpc_session* session = NULL;
    c2d_mpc_matrix *mine = NULL, *opened = NULL;
    c2d_mpc_tensor *first = NULL, *second = NULL, *sum = NULL;
    /* A sum of two single numbers is no result that stands for many rows: all three agree to open it all the same. */
    c2d_mpc_opening_rules rules = C2D_MPC_OPENING_RULES_INIT;
    rules.reveal_any = 1;
    if (c2d_mpc_session_connect_with_rules(party, key, hosts, ports, addresses, "joint sum 1", "", 1, 0, &rules,
                                           &session, &error) != C2D_OK)
        return failed("connect", error);
    if (party < 2 && c2d_mpc_matrix_create(1, 1, &known[party], &mine, &error) != C2D_OK)
        return failed("matrix", error);
    if (c2d_mpc_session_input(session, 0, party == 0 ? mine : NULL, 0, &first, &error) != C2D_OK ||
        c2d_mpc_session_input(session, 1, party == 1 ? mine : NULL, 0, &second, &error) != C2D_OK)
        return failed("input", error);
    if (c2d_mpc_session_add(session, first, second, &sum, &error) != C2D_OK ||
        c2d_mpc_session_reveal(session, sum, &to, 1, &opened, &error) != C2D_OK)
        return failed("sum", error);
    if (opened) printf("party %u learns %.1f\n", party, c2d_mpc_matrix_data(opened)[0]);
    c2d_mpc_matrix_destroy(opened);
    c2d_mpc_matrix_destroy(mine);
    c2d_mpc_tensor_destroy(sum);
    c2d_mpc_tensor_destroy(second);
    c2d_mpc_tensor_destroy(first);
    c2d_mpc_session_destroy(session);
    return 0;
}

/* A port that is free now. */
static unsigned free_port(void) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr*)&address, sizeof address) != 0 ||
        getsockname(fd, (struct sockaddr*)&address, &length) != 0)
        return 0;
    close(fd);
    return ntohs(address.sin_port);
}

int main(void) {
    const char* hosts[3] = {"127.0.0.1", "127.0.0.1", "127.0.0.1"};
    const char* addresses[3];
    unsigned ports[3];
    c2d_key* keys[3] = {NULL, NULL, NULL};
    c2d_error* error = NULL;
    int result = 0;
    for (int i = 0; i < 3; ++i) {
        if (c2d_key_generate(NULL, &keys[i], &error) != C2D_OK) return failed("key", error);
        addresses[i] = c2d_key_address(keys[i]);
        ports[i] = free_port();
    }
    pid_t children[3];
    for (unsigned party = 0; party < 3; ++party) {
        children[party] = fork();
        if (children[party] == 0) {
            result = run_party(party, keys[party], hosts, ports, addresses);
            for (int i = 0; i < 3; ++i) c2d_key_destroy(keys[i]);
            return result;
        }
    }
    for (int i = 0; i < 3; ++i) {
        int status = 1;
        if (children[i] < 0 || waitpid(children[i], &status, 0) < 0 || status != 0) result = 1;
        c2d_key_destroy(keys[i]);
    }
    return result;
}
