import Testing

@testable import Simulator

@Suite struct ClipCheckTests {
  private let clip: [Int16] = (1...480).map { Int16($0) }

  @Test("the clip's frames followed by silence are no difference")
  func same() {
    #expect(ClipCheck.difference(clip, clip) == nil)
    #expect(ClipCheck.difference(clip + [0, 0, 0], clip) == nil)
  }

  @Test("one changed frame, a missing end, and sound after the end are reported with their place")
  func others() {
    var changed = clip
    changed[96] += 1
    #expect(ClipCheck.difference(changed, clip)?.contains("from frame 96 on (2 ms)") == true)
    #expect(ClipCheck.difference(clip.dropLast(), clip) == "only 479 of 480 frames left libasound")
    #expect(ClipCheck.difference(clip + [0, 7], clip)?.hasPrefix("more sound") == true)
    #expect(ClipCheck.difference([], clip)?.hasPrefix("only 0 of 480") == true)
  }
}
