/* Rows of PostgreSQL's binary COPY, taken from libpq and put into Arrow's buffers, or one behind the other.

   A row is the number of its fields and, for each, a length (-1 for null) and so many bytes, big-endian
   (https://www.postgresql.org/docs/current/sql-copy.html). Nothing in a row is believed before it has been looked at:
   the server may be anybody's. Arrow's layouts: https://arrow.apache.org/docs/format/Columnar.html.

   Without Python's headers, so that one file serves every version of it; `compiled.py` loads it. */

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 2

enum kind { BOOL, INT2, INT4, INT8, DATE, TIME, TIMESTAMP, TEXT, BYTES, NUMERIC };

enum answer {
    FULL,        /* no further row has room */
    OVER,        /* the server has sent all, or an error */
    QUIET,       /* nothing came for a while */
    TOO_LONG,    /* the next row is longer than the heap */
    MALFORMED,   /* the rows are not of these columns */
    NOT_UTF8,    /* `failed` is the column whose text is none */
    OUT_OF_RANGE /* `failed` is the column whose number does not fit */
};

/* A column of the frame that is being filled. `valid` and `values` have room for `capacity` rows. */
struct column {
    int32_t kind;
    int32_t precision, scale;
    int32_t nulls;
    uint8_t *valid;
    uint8_t *values;
};

struct reader {
    int (*get_copy_data)(void *connection, char **row, int async);
    int (*consume_input)(void *connection);
    void (*free_memory)(void *row);
    void *connection;
    int32_t socket;
    int32_t wait_milliseconds;
    struct column *columns;
    int32_t count;
    int32_t failed;
    int64_t rows, capacity;
    uint8_t *heap; /* texts that do not lie within their view, or the rows as they came */
    int64_t heap_used, heap_size;
    char *row; /* one that was taken and had no room */
    int32_t length;
    int32_t begun;
};

static const char SIGNATURE[11] = "PGCOPY\n\377\r\n";
enum { FLAGS = 11, EXTENSION = 15, HEADER = 19 };
static const int32_t EPOCH_DAYS = 10957;
static const int64_t EPOCH_MICROSECONDS = INT64_C(10957) * 86400 * 1000000;
enum { INLINE = 12, VIEW = 16, DECIMAL = 16, NUMERIC_HEADER = 8, NEGATIVE = 0x4000, SPECIAL = 0x8000, MOST_DIGITS = 38 };

/* Powers of ten, as many as a decimal of 128 bits has digits. */
static unsigned __int128 powers[MOST_DIGITS + 1];

static uint16_t two(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static uint32_t four(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t eight(const uint8_t *at) { return (uint64_t)four(at) << 32 | four(at + 4); }

static void set(uint8_t *bits, int64_t row, int value) {
    if ((row & 7) == 0) bits[row >> 3] = 0;
    bits[row >> 3] |= (uint8_t)((value != 0) << (row & 7));
}

/* Whether these bytes are UTF-8, as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
static int is_utf8(const uint8_t *at, int64_t length) {
    const uint8_t *end = at + length;
    while (at < end) {
        if (end - at >= 8) {
            uint64_t word;
            memcpy(&word, at, 8);
            if (!(word & UINT64_C(0x8080808080808080))) {
                at += 8;
                continue;
            }
        }
        uint8_t first = *at++;
        if (first < 0x80) continue;
        int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4 || end - at < more) return 0;
        uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (*at < low || *at > high) return 0;
        for (at++; --more; at++)
            if ((*at & 0xC0) != 0x80) return 0;
    }
    return 1;
}

/* A numeric is the number of its groups of four digits, how many of them stand before the point (less one), its sign,
   how many digits are shown behind the point, and the groups. */
static int put_decimal(const struct column *column, int64_t row, const uint8_t *at, int32_t length) {
    if (length < NUMERIC_HEADER) return MALFORMED;
    int32_t groups = (int16_t)two(at), weight = (int16_t)two(at + 2), sign = two(at + 4);
    if (groups < 0 || length != NUMERIC_HEADER + 2 * groups) return MALFORMED;
    if (sign & SPECIAL) return OUT_OF_RANGE;
    unsigned __int128 limit = powers[column->precision], total = 0;
    int32_t behind = 0;
    for (int32_t group = 0; group < groups; group++) {
        uint32_t digits = two(at + NUMERIC_HEADER + 2 * group);
        if (digits > 9999) return MALFORMED;
        /* Digits of the column's behind this group; of a group of less worth than the last of them, only what stands
           before it may be there. */
        behind = 4 * (weight - group) + column->scale;
        int32_t kept = behind >= 0 ? 4 : behind > -4 ? 4 + behind : 0;
        uint32_t rest = (uint32_t)powers[4 - kept];
        if (digits % rest) return OUT_OF_RANGE;
        if (total > (column->precision < kept ? 0 : powers[column->precision - kept])) return OUT_OF_RANGE;
        total = total * powers[kept] + digits / rest;
        if (total >= limit) return OUT_OF_RANGE;
    }
    for (; behind > 0 && total; behind--) {
        if (total >= powers[column->precision - 1]) return OUT_OF_RANGE;
        total *= 10;
    }
    __int128 value = sign & NEGATIVE ? -(__int128)total : (__int128)total;
    memcpy(column->values + row * DECIMAL, &value, DECIMAL);
    return FULL;
}

/* Arrow's view: the length, then a short text itself, or four bytes of a long one, its buffer's number, its place. */
static void put_view(struct reader *reader, const struct column *column, int64_t row, const uint8_t *at, int32_t length) {
    uint8_t view[VIEW] = {0};
    memcpy(view, &length, 4);
    if (length <= INLINE) {
        memcpy(view + 4, at, (size_t)length);
    } else {
        int32_t place = (int32_t)reader->heap_used;
        memcpy(view + 4, at, 4);
        memcpy(view + 12, &place, 4);
        memcpy(reader->heap + place, at, (size_t)length);
        reader->heap_used += length;
    }
    memcpy(column->values + row * VIEW, view, VIEW);
}

static int64_t width(int32_t kind) {
    static const int8_t widths[] = {0, 2, 4, 8, 4, 8, 8, VIEW, VIEW, DECIMAL};
    return widths[kind];
}

static void put_nothing(struct column *column, int64_t row) {
    set(column->valid, row, 0);
    column->nulls++;
    if (column->kind == BOOL)
        set(column->values, row, 0);
    else
        memset(column->values + row * width(column->kind), 0, (size_t)width(column->kind));
}

static int put(struct reader *reader, struct column *column, int64_t row, const uint8_t *at, int32_t length) {
    static const int8_t sizes[] = {1, 2, 4, 8, 4, 8, 8};
    if (column->kind < TEXT && length != sizes[column->kind]) return MALFORMED;
    uint8_t *value = column->values + row * width(column->kind);
    uint16_t half;
    uint32_t word;
    uint64_t wide;
    set(column->valid, row, 1);
    switch (column->kind) {
    case BOOL:
        set(column->values, row, *at);
        break;
    case INT2:
        half = two(at);
        memcpy(value, &half, 2);
        break;
    case INT4:
        word = four(at);
        memcpy(value, &word, 4);
        break;
    case INT8:
        wide = eight(at);
        memcpy(value, &wide, 8);
        break;
    case DATE: /* An infinite one goes round to the other end of the numbers, where no date is either. */
        word = four(at) + (uint32_t)EPOCH_DAYS;
        memcpy(value, &word, 4);
        break;
    case TIME:
        wide = eight(at) * 1000;
        memcpy(value, &wide, 8);
        break;
    case TIMESTAMP:
        wide = eight(at) + (uint64_t)EPOCH_MICROSECONDS;
        memcpy(value, &wide, 8);
        break;
    case TEXT:
        if (!is_utf8(at, length)) return NOT_UTF8;
        put_view(reader, column, row, at, length);
        break;
    case BYTES:
        put_view(reader, column, row, at, length);
        break;
    default:
        return put_decimal(column, row, at, length);
    }
    return FULL;
}

/* One row behind those that are there. There is room for it. */
static int decode(struct reader *reader, const uint8_t *at, const uint8_t *end) {
    if (!reader->begun) {
        reader->begun = 1;
        if (end - at < HEADER || memcmp(at, SIGNATURE, sizeof SIGNATURE) || four(at + FLAGS)) return MALFORMED;
        uint32_t extension = four(at + EXTENSION);
        at += HEADER;
        if ((uint64_t)(end - at) < extension) return MALFORMED;
        at += extension;
        if (at == end) return FULL;
    }
    if (end - at < 2) return MALFORMED;
    int16_t count = (int16_t)two(at);
    at += 2;
    if (count == -1) return at == end ? FULL : MALFORMED;
    if (count != reader->count) return MALFORMED;
    for (int32_t index = 0; index < count; index++) {
        struct column *column = &reader->columns[index];
        if (end - at < 4) return MALFORMED;
        int32_t length = (int32_t)four(at);
        at += 4;
        if (length == -1) {
            put_nothing(column, reader->rows);
            continue;
        }
        if (length < 0 || end - at < length) return MALFORMED;
        int answer = put(reader, column, reader->rows, at, length);
        if (answer != FULL) {
            reader->failed = index;
            return answer;
        }
        at += length;
    }
    if (at != end) return MALFORMED;
    reader->rows++;
    return FULL;
}

/* Call it before anything else. Answers which version of `struct reader` this is. */
int uzo_load(void) {
    powers[0] = 1;
    for (int power = 1; power <= MOST_DIGITS; power++) powers[power] = powers[power - 1] * 10;
    return VERSION;
}

/* The next row, which is `row` until it has room. FULL: it is there. */
static int take(struct reader *reader) {
    while (reader->row == NULL) {
        reader->length = reader->get_copy_data(reader->connection, &reader->row, 1);
        if (reader->length < 0) return OVER;
        if (reader->length > 0) break;
        struct pollfd waiting = {reader->socket, POLLIN, 0};
        if (poll(&waiting, 1, reader->wait_milliseconds) <= 0) return QUIET;
        if (!reader->consume_input(reader->connection)) return OVER;
    }
    return reader->length <= reader->heap_size - reader->heap_used ? FULL : TOO_LONG;
}

static void give_back(struct reader *reader) {
    reader->free_memory(reader->row);
    reader->row = NULL;
}

/* Take rows into the columns until there is no room for another, or no row. */
int uzo_decode(struct reader *reader) {
    while (reader->rows < reader->capacity) {
        int answer = take(reader);
        if (answer == TOO_LONG && reader->rows) return FULL;
        if (answer != FULL) return answer;
        answer = decode(reader, (const uint8_t *)reader->row, (const uint8_t *)reader->row + reader->length);
        give_back(reader);
        if (answer != FULL) return answer;
    }
    return FULL;
}

/* Take rows into the heap as they are, until `capacity` bytes lie there or more, or there is no row. */
int uzo_gather(struct reader *reader) {
    while (reader->heap_used < reader->capacity) {
        int answer = take(reader);
        if (answer == TOO_LONG && reader->rows) return FULL;
        if (answer != FULL) return answer;
        memcpy(reader->heap + reader->heap_used, reader->row, (size_t)reader->length);
        reader->heap_used += reader->length;
        reader->rows++;
        give_back(reader);
    }
    return FULL;
}

/* Free a row that had no room. */
void uzo_close(struct reader *reader) {
    if (reader->row != NULL) give_back(reader);
}
