"""What was said of the changes against what is there."""

import collections
import statistics


class Ledger:
    def __init__(self, cluster, load):
        self.cluster, self.load = cluster, load
        self.before = self.passwords()

    def passwords(self):
        rows = self.cluster.sql("SELECT id, password_hash FROM users_convonet").split()
        return dict(row.split("|", 1) for row in rows)

    def count(self):
        """How many changes there are of each kind of fault: all of them but the first must be 0."""
        changes = self.load.ended()
        events = [row.split("|") for row in self.cluster.sql(
            "SELECT sequence, request_id, actor_kind, account_id FROM convonet_admin.audit_event WHERE outcome = 'done' "
            "ORDER BY sequence"
        ).split()]
        by_request = collections.Counter(request for _, request, kind, _ in events if kind == "operator")
        by_person = collections.Counter(account for _, _, kind, account in events if kind == "self")
        said = collections.defaultdict(list)
        for change in changes:
            said[change.request or change.account].append(change.said)

        def made(key):
            return by_person[key] if key in by_person else by_request[key]

        return {
            "asked for": len(said),
            "said done": sum("done" in words for words in said.values()),
            "never known": sum("done" not in words and "unknown" in words for words in said.values()),
            "said done, not there": sum("done" in words and not made(key) for key, words in said.items()),
            "said not done, there": sum(set(words) == {"not done"} and made(key) > 0 for key, words in said.items()),
            "done twice": sum(made(key) > 1 for key in said),
            "log and table apart": self.apart(changes, events),
            "log broken": int(self.load.admin("audit", "verify", user="auditor").returncode != 0),
        }

    def apart(self, changes, events):
        """People whose PIN or password is not what the log's last event about them says."""
        secrets = {change.request: change.secret for change in changes if change.secret}
        last = {account: request for _, request, kind, account in events if kind == "operator"}
        found = self.cluster.sql("SELECT id, voice_pin FROM users_convonet WHERE voice_pin <> ''").split()
        rows = dict(row.split("|") for row in found)
        wrong = sum(request in secrets and rows.get(account) != secrets[request] for account, request in last.items())
        # By self-service everybody sets a password once at most, and nobody else does.
        own = {account for _, _, kind, account in events if kind == "self"}
        return wrong + sum((self.before[account] != hash_) != (account in own) for account, hash_ in self.passwords().items())


def longest_wait(changes, way, begin, end):
    """The longest time of this way without a change that was done, from `begin` on, in seconds."""
    done = [change.ended for change in changes if change.way == way and change.said == "done"]
    moments = [begin, *sorted(moment for moment in done if begin <= moment <= end)]
    return max((later - earlier for earlier, later in zip(moments, moments[1:])), default=end - begin)


def middle_and_worst(seconds):
    return f"{statistics.median(seconds):5.1f} {max(seconds):6.1f}" if seconds else "    -      -"
