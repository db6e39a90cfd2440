/* How many messages a second GMime reads from memory to their end, and the fields that an archive shows of them. */

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    gchar *content;
    gsize length;
    if (argc != 3 || !g_file_get_contents(argv[1], &content, &length, NULL)) return 2;
    int times = atoi(argv[2]);
    size_t seen = 0;
    g_mime_init();
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (int i = 0; i < times; i++) {
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer(content, length);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
        if (!message) return 3;
        char *from = internet_address_list_to_string(g_mime_message_get_from(message), NULL, FALSE);
        char *to = internet_address_list_to_string(g_mime_message_get_to(message), NULL, FALSE);
        char *cc = internet_address_list_to_string(g_mime_message_get_cc(message), NULL, FALSE);
        const char *subject = g_mime_message_get_subject(message);
        const char *id = g_mime_message_get_message_id(message);
        seen += (from != NULL) + (to != NULL) + (cc != NULL) + (subject != NULL) + (id != NULL);
        g_free(from);
        g_free(to);
        g_free(cc);
        g_object_unref(message);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double took = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%f %zu\n", times / took, seen);
    return 0;
}
