import Glibc
import Posix
import Testing

@Suite("The memory of a process")
struct MemoryTests {
  /// Size and resident part of the code of the object with this path, in kilobytes. proc_pid_smaps(5)
  private func code(_ path: String) throws -> (size: Int, resident: Int) {
    var (size, resident) = (0, 0)
    var isCode = false
    for line in String(decoding: try Files.read("/proc/self/smaps"), as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 5, words[0].contains("-") { isCode = line.hasSuffix(path) && words[1].hasPrefix("r-x") }
      guard isCode, words.count > 1, let number = Int(words[1]) else { continue }
      if words[0] == "Size:" { size += number }
      if words[0] == "Rss:" { resident += number }
    }
    return (size, resident)
  }

  @Test("touching the code brings all of it into memory, also that of a library that was loaded late")
  func touches() throws {
    let maps = String(decoding: try Files.read("/proc/self/maps"), as: UTF8.self).split(separator: "\n")
    let line = try #require(maps.first { $0.contains("libm.so") || $0.contains("libm-") })
    let original = String(try #require(line.split(separator: " ").last))
    var template = Array("/tmp/firstword-code-XXXXXX".utf8CString)
    let path = String(cString: try #require(mkdtemp(&template))) + "/library.so"
    try Files.replace(path, with: try Files.read(original))
    defer { unlink(path) }
    let library = try #require(dlopen(path, RTLD_LAZY | RTLD_LOCAL))
    defer { dlclose(library) }
    let before = try code(path)
    #expect(before.size > 0 && before.resident < before.size, "or this test shows nothing")
    #expect(Memory.touchCode() > before.size / 4)
    let after = try code(path)
    #expect(after.resident == after.size)
  }
}
