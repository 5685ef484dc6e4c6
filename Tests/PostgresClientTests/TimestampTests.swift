import OperatingSystem
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct TimestampTests {
    /// Leap days, ends of years and centuries, and moments before 1970, by PostgreSQL and here.
    @Test func rfc3339IsWhatPostgreSQLWrites() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let rows = try await connection.query(
            """
            SELECT t, to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM (
                SELECT timestamptz '0001-01-01 00:00Z' + n * interval '7 days 23:59:59.999999' AS t FROM generate_series(0, 450000, 37) AS n
                UNION ALL SELECT unnest('{1600-02-29 23:59:59.999999Z, 1900-02-28 23:59:59Z, 1900-03-01 00:00Z, 1969-12-31 23:59:59.999999Z,
                    1970-01-01 00:00Z, 2000-02-29 12:00Z, 2024-02-29 00:00Z, 2024-12-31 23:59:59Z, 2100-03-01 00:00Z, 9999-12-31 23:59:59.999999Z}'::timestamptz[])
            ) AS moments
            """, limit: .seconds(10))
        #expect(rows.count > 10_000)
        for row in rows { #expect(try row.timestamp(0).rfc3339 == row.text(1)) }
    }

    @Test func theEndsOfTimeHaveNames() {
        #expect(Timestamp(microseconds: .max).rfc3339 == "infinity")
        #expect(Timestamp(microseconds: .min).rfc3339 == "-infinity")
        #expect(Timestamp(microseconds: 253_402_300_800_000_000).rfc3339 == "10000-01-01T00:00:00.000000Z")
    }
}
