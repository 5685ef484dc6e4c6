-- What is installed here, and for which table of the application.
CREATE TABLE convonet_admin.installation (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    schema_version integer NOT NULL,
    users_table    text NOT NULL,
    role_prefix    text,                       -- NULL: installed without roles
    installed_by   text NOT NULL DEFAULT session_user,
    installed_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What protects people and must not depend on an operator's own file.
CREATE TABLE convonet_admin.policy (
    only_row             boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    minimum_length       integer NOT NULL DEFAULT 8 CHECK (minimum_length BETWEEN 6 AND 64),
    minimum_score        integer NOT NULL DEFAULT 3 CHECK (minimum_score BETWEEN 0 AND 4),
    require_uppercase    boolean NOT NULL DEFAULT false,
    require_lowercase    boolean NOT NULL DEFAULT false,
    require_digit        boolean NOT NULL DEFAULT false,
    require_symbol       boolean NOT NULL DEFAULT false,
    allow_weak           boolean NOT NULL DEFAULT true,
    context_words        text[] NOT NULL DEFAULT '{convonet}',
    blocked_passwords    text[] NOT NULL DEFAULT '{}' CHECK (cardinality(blocked_passwords) <= 100000),
    bcrypt_cost          integer NOT NULL DEFAULT 12 CHECK (bcrypt_cost BETWEEN 10 AND 15),
    pin_minimum_length   integer NOT NULL DEFAULT 4 CHECK (pin_minimum_length BETWEEN 4 AND 6),
    pin_maximum_length   integer NOT NULL DEFAULT 6 CHECK (pin_maximum_length BETWEEN 4 AND 6),
    issued_pin_length    integer NOT NULL DEFAULT 6 CHECK (issued_pin_length BETWEEN 4 AND 6),
    typed_pin_limit      integer NOT NULL DEFAULT 3 CHECK (typed_pin_limit BETWEEN 0 AND 20),
    decoys_per_thousand  integer NOT NULL DEFAULT 100 CHECK (decoys_per_thousand BETWEEN 0 AND 500),
    require_reason       boolean NOT NULL DEFAULT false,
    require_ticket       boolean NOT NULL DEFAULT false,
    ticket_pattern       text NOT NULL DEFAULT '' CHECK (length(ticket_pattern) <= 200),
    verification_methods text[] NOT NULL DEFAULT '{}' CHECK (cardinality(verification_methods) <= 20),
    CHECK (pin_minimum_length <= pin_maximum_length)
);
INSERT INTO convonet_admin.policy DEFAULT VALUES;

-- The key behind decoys. Two version 4 UUIDs carry 244 bits of the server's own random numbers.
CREATE TABLE convonet_admin.pin_decoy_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    key      bytea NOT NULL
);
INSERT INTO convonet_admin.pin_decoy_key (key)
VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- The PINs that the pattern rules refuse, as the program computed them.
CREATE TABLE convonet_admin.refused_pin (
    pin  text PRIMARY KEY,
    rule text NOT NULL
);

-- Refusals of typed PINs are counted in sequences, since a rollback does not undo those. An operator has one slot of
-- 64; its row is the lock that keeps parallel calls from passing the limit together. The sequence holds the second
-- of the first refusal times 1024, plus the number of refusals since.
CREATE TABLE convonet_admin.typed_pin_slot (
    slot integer PRIMARY KEY
);
INSERT INTO convonet_admin.typed_pin_slot SELECT generate_series(0, 63);
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.typed_pin_refusals_%s', slot);
    END LOOP;
END
$$;
