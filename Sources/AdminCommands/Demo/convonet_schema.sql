-- The application's own tables, for the demo and the tests: what its models create on an empty database.
-- In production they exist already; nothing in this program makes or alters them there.

-- One row per person. password_hash is a bcrypt hash, or a word in capitals where the person signs in elsewhere.
-- voice_pin is 4 to 6 digits in plain text, and alone tells the phone line who is calling, hence unique.
CREATE TABLE users_convonet (
    id uuid PRIMARY KEY,
    email varchar(255) NOT NULL,
    username varchar(100) NOT NULL,
    password_hash varchar(255) NOT NULL,
    first_name varchar(100) NOT NULL,
    last_name varchar(100) NOT NULL,
    voice_pin varchar(10),
    is_active boolean NOT NULL,
    is_verified boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_login_at timestamptz
);

CREATE UNIQUE INDEX ix_users_convonet_email ON users_convonet (email);
CREATE UNIQUE INDEX ix_users_convonet_username ON users_convonet (username);
CREATE UNIQUE INDEX ix_users_convonet_voice_pin ON users_convonet (voice_pin);

CREATE TABLE teams_convonet (
    id uuid PRIMARY KEY,
    name varchar(200) NOT NULL,
    description text,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- role is owner, admin, member or viewer.
CREATE TABLE team_memberships_convonet (
    id uuid PRIMARY KEY,
    team_id uuid NOT NULL REFERENCES teams_convonet (id),
    user_id uuid NOT NULL REFERENCES users_convonet (id),
    role varchar(20) NOT NULL,
    joined_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
