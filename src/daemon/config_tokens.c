/* SPDX-License-Identifier: Apache-2.0 */
/* "tokens" and "tokensFile": who may come in. */
#include "daemon/config_loading.h"
#include "daemon/tokens.h"

static void
read_file(loading_t *loading, reader_t *reader, const str_t *names, size_t n)
{
    const char *path;
    source_t source;
    const json_t *list;

    if (!reader_path(reader, "tokensFile", &path))
        return;
    list = source_load(loading->source->mem, path, loading->source->diags, &source);
    if (list)
        tokens_read(&source, list, names, n, &loading->config->tokens);
}

void
config_read_tokens(loading_t *loading, reader_t *reader)
{
    const config_t *config = loading->config;
    const json_t *list = reader_get(reader, "tokens");
    const json_t *file = reader_get(reader, "tokensFile");
    size_t errors = loading->source->diags->errors;
    str_t *names = arena_array_of(loading->source->mem, config->n_connectors + 1, str_t);

    for (size_t i = 0; i < config->n_connectors; i++)
        names[i] = config->connectors[i].name;
    if (list)
        tokens_read(loading->source, list, names, config->n_connectors,
                    &loading->config->tokens);
    read_file(loading, reader, names, config->n_connectors);
    if (config->tokens.n == 0 && loading->source->diags->errors == errors && reader->object)
        source_warning(
            loading->source,
            list   ? list->at
            : file ? file->at
                   : 0,
            "there are no tokens, so nobody can use the bridge; \"scimbridge token\" "
            "makes one");
}
