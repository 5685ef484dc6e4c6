/* What staff and people do to one account, for spin to try in every order: script/test-model. docs/MODEL.md says what of it the
   tests do against PostgreSQL.

   A function of the schema holds the account's lock until it is done, so each is one step here; between two steps of one actor any
   other may act. The account has one secret, of which there is a new number each time. What an actor saw may be old.

   Below is each guard of the functions, by a name. -DWITHOUT_x leaves it out, and then one of what MUST hold has to be seen broken:
   otherwise that would say nothing of the whole model either. */

#define OPERATORS 2
#define CALLS     2     /* by each of them, and what repeats one */
#define SECRETS   4     /* no more than so many are ever given */
#define NOBODY    9
#define BOSS      2     /* the supervisor takes back what anybody did */

#ifdef WITHOUT_VERSION
#define SEEN_NOW(v) true
#else
#define SEEN_NOW(v) (v == version)
#endif
#ifdef WITHOUT_REQUEST
#define IS_NEW(r) true
#else
#define IS_NEW(r) (done[r] == 0)
#endif
#ifdef WITHOUT_FREEZE
#define LET_GO true
#else
#define LET_GO (!frozen)
#endif
#ifdef WITHOUT_USING_UP
#define USED_TWICE_ONLY true
#else
#define USED_TWICE_ONLY false
#endif
#if defined(WITHOUT_PAGE) || defined(WITHOUT_USING_UP)  /* what is used up is outdated as well: only without both it is seen */
#define FOR_THIS_PAGE(o) true
#else
#define FOR_THIS_PAGE(o) (asked_at[o] == version)
#endif
#ifdef WITHOUT_APPROVAL
#define APPROVED(o) true
#else
#define APPROVED(o) (!protected || (approval[o] == approved && FOR_THIS_PAGE(o) && !stale[o]))
#endif
#ifdef WITHOUT_USING_UP
#define USE_UP(o) skip
#else
#define USE_UP(o) if :: protected -> forget(o) :: else fi
#endif
#ifdef WITHOUT_SECOND_PERSON
#define OTHER_THAN(o) true
#else
#define OTHER_THAN(o) (o != me)
#endif
#ifdef WITHOUT_OWNER
#define MAY_UNDO(o) true
#else
#define MAY_UNDO(o) (o == kept_by || o == BOSS)
#endif
#ifdef WITHOUT_EDITION
#define UNTOUCHED true
#else
#define UNTOUCHED (kept_at == version)
#endif
#ifdef WITHOUT_UNDO_END
#define IN_TIME true
#else
#define IN_TIME (!undo_over)
#endif
#ifdef WITHOUT_LINK_USED
#define LINK_DONE link_used = true; link_for = given + 1    /* bound anew: else the binding would end it */
#else
#define LINK_DONE end_link()
#endif
#ifdef WITHOUT_LINK_BINDING
#define LINK_FITS true
#else
#define LINK_FITS (link_for == secret)
#endif
#ifdef WITHOUT_LINK_END
#define LINK_IN_TIME true
#else
#define LINK_IN_TIME (!link_over)
#endif
#ifdef WITHOUT_VOIDING
#define VOID_ALL skip
#else
#define VOID_ALL if :: link == open -> end_link() :: else fi; forget(0); forget(1)
#endif
#ifdef WITHOUT_EVENT
#define LOG(s) skip
#else
#define LOG(s) told = s; owed--
#endif

mtype = { none, requested, approved, open };

/* The account. */
byte secret  = 1;       /* the number of the one that works */
byte given   = 1;       /* how many there were */
byte version;           /* how often the row was written */
bool frozen, protected;

/* What the schema keeps of it. */
byte kept, kept_by = NOBODY, kept_at;   /* what the last reset replaced, whose it was, and the version that came of it */
bool undo_over;
mtype link = none;
byte link_for;                          /* the secret that it is bound to */
bool link_over;
mtype approval[OPERATORS] = none;
byte asked_at[OPERATORS];               /* the version that was to be changed */
bool stale[OPERATORS];                  /* its time is over, or a report ended it */

/* The log: the last secret that it tells of, how many writes have no event, and which requests are done. */
byte told = 1, owed;
bit done[OPERATORS * CALLS];

/* What only the monitors know. */
byte decided_by[OPERATORS] = NOBODY;
bit uses[OPERATORS];
bool link_used, reported;

/* What is over is forgotten: else it would be told apart from what never was. */
inline forget(o) { approval[o] = none; asked_at[o] = 0; stale[o] = false; decided_by[o] = NOBODY; uses[o] = 0 }
inline end_link() { link = none; link_for = 0; link_over = false; link_used = false; reported = false }
inline end_kept() { kept = 0; kept_by = NOBODY; kept_at = 0; undo_over = false }

/* The row and the event are one step: no other order of the two is ever seen. */
inline write(new) { secret = new; version++; owed++; LOG(new) }

/* A reset by staff of the account as it was seen. Refusals are events too, but change nothing and are left out. */
inline reset(o, seen, r) {
    if
    :: !IS_NEW(r) -> skip                               /* the receipt is given again */
    :: IS_NEW(r) && LET_GO && SEEN_NOW(seen) && !APPROVED(o) ->
        if :: approval[o] == none -> approval[o] = requested; asked_at[o] = version
           :: approval[o] != none && (stale[o] || !FOR_THIS_PAGE(o)) -> forget(o)
           :: else
        fi
    :: IS_NEW(r) && LET_GO && SEEN_NOW(seen) && APPROVED(o) && given < SECRETS ->
        assert(done[r] == 0);                           /* MUST: a request is carried out once */
        assert(!frozen);                                /* MUST: a frozen account is let go */
        assert(seen == version);                        /* MUST: what is changed is what was seen */
        assert(!protected || (decided_by[o] != NOBODY && decided_by[o] != o && !stale[o]));    /* MUST: a second person */
        assert(!protected || uses[o] == 0);             /* MUST: an approval is used once */
        assert(USED_TWICE_ONLY || !protected || asked_at[o] == version);    /* MUST: it is for the page that was seen */
        uses[o] = 1;
        kept = secret; kept_by = o; undo_over = false;
        given++; write(given); kept_at = version;
        done[r] = 1; USE_UP(o)
    :: else
    fi
}

/* Whoever did it takes it back, or the supervisor. */
inline undo(o) {
    if
    :: kept != 0 && LET_GO && MAY_UNDO(o) && UNTOUCHED && IN_TIME ->
        assert(!frozen);
        assert(o == kept_by || o == BOSS);              /* MUST: nobody takes back what is another's */
        assert(kept_at == version);                     /* MUST: nothing of anybody's is taken back with it */
        assert(!undo_over);                             /* MUST: not too late */
        write(kept); end_kept()
    :: else
    fi
}

inline send_link(seen) {
    if
    :: LET_GO && SEEN_NOW(seen) && !protected && link == none ->
        assert(!frozen);
        link = open; link_for = secret
    :: else
    fi
}

inline use_link() {
    if
    :: link == open && LINK_FITS && LINK_IN_TIME && given < SECRETS ->
        assert(!link_used);                             /* MUST: a link is used once */
        assert(link_for == secret);                     /* MUST: a link ends with the secret that it was for */
        assert(!link_over);                             /* MUST: a link ends */
        assert(!reported);                              /* MUST: a report ends links */
        LINK_DONE; given++; write(given)
    :: else
    fi
}

inline approve(o) {
    if
    :: approval[o] == requested && OTHER_THAN(o) && !stale[o] -> approval[o] = approved; decided_by[o] = me
    :: else
    fi
}

proctype Operator(byte me) {
    byte seen, calls;
end:
    do
    :: calls < CALLS -> d_step { seen = version; calls++ }               /* opens the page, with a new request */
    :: calls > 0 -> d_step { reset(me, seen, me * CALLS + calls - 1) }    /* or once more, where no answer came */
    :: d_step { undo(me) }
    :: d_step { send_link(seen) }
    :: d_step { seen = version }
    od
}

proctype Supervisor() {
    byte me = 0;                                        /* who is an operator as well: the first of them */
end:
    do
    :: d_step { approve(0) }
    :: d_step { approve(1) }
    :: d_step { forget(0) }
    :: d_step { forget(1) }
    :: d_step { frozen = true }
    :: d_step { frozen = false }
    :: d_step { undo(BOSS) }
    od
}

/* People use links, and say that something was not them; the application writes what it likes, and the log is told of it. */
proctype Others() {
end:
    do
    :: d_step { use_link() }
    :: d_step { if :: given < SECRETS -> given++; write(given) :: else fi }
    :: d_step { frozen = true; reported = (link == open); VOID_ALL }
    od
}

proctype Clock() {
end:
    do
    :: d_step { kept != 0 -> undo_over = true }
    :: d_step { link == open -> link_over = true }
    :: d_step { approval[0] != none -> stale[0] = true }
    :: d_step { approval[1] != none -> stale[1] = true }
    od
}

/* The log tells what is so, whenever somebody looks. */
proctype Auditor() {
end:
    do
    :: assert(told == secret && owed == 0)       /* MUST: what was done has its event */
    od
}

init {
    if :: protected = true :: protected = false fi;
    atomic {
        run Operator(0); run Operator(1); run Supervisor(); run Others(); run Clock(); run Auditor()
    }
}
