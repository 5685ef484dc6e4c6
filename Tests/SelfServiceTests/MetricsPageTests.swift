import MetricsText
import Testing

/// What a page of metrics looks like, as Prometheus reads it.
@Suite struct MetricsPageTests {
    @Test func textsAreEscapedAndNumbersReadable() {
        var page = MetricsPage()
        page.add(
            "a_b", .gauge, "one \\ two\nthree \"four\"",
            [
                MetricsPage.Sample(0, [(name: "x", value: "\"\\\n"), (name: "y", value: "ü")]),
                MetricsPage.Sample(-2.5), MetricsPage.Sample(.infinity), MetricsPage.Sample(-.infinity),
                MetricsPage.Sample(.nan), MetricsPage.Sample(1e15), MetricsPage.Sample(0.00001),
            ])
        #expect(
            page.text == """
                # HELP a_b one \\\\ two\\nthree "four"
                # TYPE a_b gauge
                a_b{x="\\"\\\\\\n",y="ü"} 0
                a_b -2.5
                a_b +Inf
                a_b -Inf
                a_b NaN
                a_b 1000000000000000
                a_b 1e-05

                """)
    }

    @Test func rangesOfAHistogramHoldThoseBelow() {
        let times = Histogram("t_seconds", "Times.", label: "of", bounds: [0.1, 1])
        for value in [0.1, 0.05, 0.5, 7] { times.observe(value, "a") }
        times.observe(1, "b")
        var page = MetricsPage()
        times.add(to: &page)
        #expect(
            page.text == """
                # HELP t_seconds Times.
                # TYPE t_seconds histogram
                t_seconds_bucket{of="a",le="0.1"} 2
                t_seconds_bucket{of="a",le="1"} 3
                t_seconds_bucket{of="a",le="+Inf"} 4
                t_seconds_sum{of="a"} 7.65
                t_seconds_count{of="a"} 4
                t_seconds_bucket{of="b",le="0.1"} 0
                t_seconds_bucket{of="b",le="1"} 1
                t_seconds_bucket{of="b",le="+Inf"} 1
                t_seconds_sum{of="b"} 1
                t_seconds_count{of="b"} 1

                """)
    }

    @Test func whatIsKnownBeginsWithNothingAndThereIsRoomForSoMuch() {
        let counter = Counter("c_total", "Things.", labels: ["of"], known: [["a"], ["b"]], capacity: 3)
        for value in ["b", "x", "y", "z", "b"] { counter.count(value) }
        var page = MetricsPage()
        counter.add(to: &page)
        #expect(
            page.text.hasSuffix(
                "c_total{of=\"a\"} 0\nc_total{of=\"b\"} 2\nc_total{of=\"other\"} 2\nc_total{of=\"x\"} 1\n"))
    }

    @Test func nothingIsLostWhereManyCountAtOnce() async {
        let (counter, times) = (Counter("c_total", "Things."), Histogram("t", "T.", label: "of", bounds: [1]))
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.count()
                        times.observe(0.5, "a")
                    }
                }
            }
        }
        var page = MetricsPage()
        counter.add(to: &page)
        times.add(to: &page)
        #expect(page.text.contains("\nc_total 8000\n") && page.text.contains("\nt_sum{of=\"a\"} 4000\n"))
    }
}
