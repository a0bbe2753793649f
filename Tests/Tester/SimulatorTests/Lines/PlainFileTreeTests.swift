import Glibc
import Posix
import Simulator
import Testing

@Suite struct PlainLines {
  @Test("The files have the layout of the tree, without edges, and a marker")
  func layout() throws {
    let rig = try LinesRig(LinesConfiguration(base: 100, count: 3), as: .plainFiles)
    #expect(rig.lines.kind == .plainFiles)
    #expect(try Files.list(rig.lines.directory) == ["PLAIN-FILES", "drive", "gpio"])
    #expect(try Files.list(rig.gpio) == ["export", "gpio100", "gpio101", "gpio102", "gpiochip100", "unexport"])
    #expect(try Files.list(rig.gpio + "/gpio101") == ["active_low", "direction", "value"])
    #expect(try rig.text(rig.gpio + "/gpiochip100/label") == "pinctrl-bcm2711\n")
  }

  @Test("A driven level appears in the value file, from Swift and from a shell")
  func drive() throws {
    let rig = try LinesRig(LinesConfiguration(count: 3), as: .plainFiles)
    #expect(try rig.lines.level(of: 2) == .high)
    try rig.lines.drive(2, .high, .low)
    #expect(try rig.text(rig.path(2, "value")) == "0\n")
    try rig.put("1\n", rig.lines.directory + "/drive/2")
    #expect(try rig.text(rig.path(2, "value")) == "1\n")
    #expect(try rig.lines.level(of: 2) == .high)
    #expect(throws: LinesError.noSuchLine(3, count: 3)) { try rig.lines.drive(3, .low) }
  }

  @Test("The files of a killed run are replaced; other files stay")
  func leftovers() throws {
    let directory = try LinesRig.newDirectory()
    let first = try Lines.start(mountedAt: directory, as: .plainFiles)
    try first.drive(3, .low)
    let second = try Lines.start(mountedAt: directory, as: .plainFiles)
    #expect(try second.level(of: 3) == .high)
    try Files.create(directory + "/mine", with: [])
    second.unmount()
    #expect(try Files.list(directory) == ["mine"])
    first.unmount()
    unlink(directory + "/mine")
    #expect(rmdir(directory) == 0)
  }
}
