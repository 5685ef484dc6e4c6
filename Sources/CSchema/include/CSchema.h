/* The SQL of the schema, as bytes. */

#ifndef CONVONET_CSCHEMA_H
#define CONVONET_CSCHEMA_H

#include <stddef.h>

/* Files one after the other, each with a zero behind it. */
struct convonet_files {
    const char *bytes;
    size_t length;
};

/* What leads to a version from the one before; nothing where nothing does. */
struct convonet_files convonet_step(int version);
/* The functions of the schema's owner, and those of the hand. */
struct convonet_files convonet_functions(void);
struct convonet_files convonet_hand_functions(void);
struct convonet_files convonet_reader_functions(void);
/* The views of people, the one of teams, and those that are the owner's own. */
struct convonet_files convonet_views(void);
struct convonet_files convonet_teams_view(void);
struct convonet_files convonet_owner_views(void);
struct convonet_files convonet_grants(void);
/* What the catalogue says of the tables. */
struct convonet_files convonet_table_definitions(void);

#endif
