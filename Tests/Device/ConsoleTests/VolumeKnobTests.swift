import Console
import Testing

@Suite("The volume knob")
struct VolumeKnobTests {
  private func knob() -> VolumeKnob {
    VolumeKnob(.init(standard: -6, floor: -12, ceiling: 0, quiet: -40, step: 4))
  }

  @Test("turns by steps, between the floor and the ceiling")
  func steps() {
    var knob = knob()
    #expect(knob.decibels == -6)
    for expected in [-2.0, 0, 0] {
      knob.turn(.louder)
      #expect(knob.decibels == expected)
    }
    for expected in [-4.0, -8, -12, -12] {
      knob.turn(.quieter)
      #expect(knob.decibels == expected)
    }
  }

  @Test("the quiet mode goes back to what was before")
  func quiet() {
    var knob = knob()
    knob.turn(.louder)
    knob.turn(.quiet)
    #expect(knob.decibels == -40 && knob.isQuiet)
    knob.turn(.quieter)
    #expect(knob.decibels == -40 && knob.isQuiet)
    knob.turn(.quiet)
    #expect(knob.decibels == -2 && !knob.isQuiet)
  }

  @Test("louder in the quiet mode leaves it by the lowest step, and is no shout")
  func louderInQuiet() {
    var knob = knob()
    knob.turn(.quiet)
    knob.turn(.louder)
    #expect(knob.decibels == -12 && !knob.isQuiet)
  }
}
