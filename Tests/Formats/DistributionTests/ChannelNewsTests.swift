import Distribution
import Posix
import Testing

@Suite("When a channel was last heard of")
struct ChannelNewsTests {
  private static let start = WallTime(milliseconds: 1_800_000_000_000)

  private func news(renewed: WallTime?, silentDays: Int = 30) -> ChannelNews {
    ChannelNews(
      written: Self.start, heard: Self.start, renewed: renewed, timestamp: 3, snapshot: 2, warnings: [], faults: [],
      silentDays: silentDays)
  }

  private func after(_ days: Int64) -> WallTime {
    WallTime(milliseconds: Self.start.milliseconds + days * WallTime.day + 1)
  }

  @Test("its age counts whole days from the publisher's last statement")
  func age() {
    let known = news(renewed: Self.start)
    #expect(known.age(at: after(0)) == "last heard of today" && known.age(at: after(1)) == "last heard of 1 day ago")
    #expect(known.age(at: after(12)) == "last heard of 12 days ago" && !known.isSilent(at: after(29)))
    #expect(known.isSilent(at: after(30)) && !news(renewed: Self.start, silentDays: 0).isSilent(at: after(400)))
    #expect(news(renewed: nil).age(at: after(1)) == "never heard of" && !news(renewed: nil).isSilent(at: after(99)))
  }

  @Test("a clock that went back gives no age, and signals nothing")
  func wrongClock() {
    let known = news(renewed: Self.start)
    #expect(known.days(at: after(-5)) == nil && !known.isSilent(at: after(-5)))
    #expect(known.age(at: after(-5)) == "last heard of at a time that this clock has not reached")
  }

  @Test("a file that is no news is none")
  func reading() throws {
    let directory = try Files.makeTemporaryDirectory("news")
    for text in ["", "{}", "[1]", #"{"format":"firstword-channel-news/2","written":"x"}"#] {
      try Files.replace(directory.appending("news.json"), with: Array(text.utf8))
      #expect(ChannelNews(reading: directory.appending("news.json")) == nil)
    }
    #expect(ChannelNews(reading: directory.appending("none")) == nil)
  }
}
