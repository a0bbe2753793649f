import Distribution
import Kit
import Posix
import Store
import Testing

@Suite("The receipt of a device")
struct DeviceReceiptTests {
  @Test("it is written when it says something new, with a number that only rises")
  func numbers() throws {
    let directory = try Files.makeTemporaryDirectory("receipt")
    let key = try SecretKey.generate()
    let nothing = DeviceReceipt(of: nil, channel: nil)
    #expect(nothing.isEmpty)
    let first = try DeviceReceipt(of: nil, channel: 4).write(to: directory, signedBy: key, after: 0)
    let again = try DeviceReceipt(of: nil, channel: 4).write(to: directory, signedBy: key, after: 0)
    let next = try DeviceReceipt(of: nil, channel: 5).write(to: directory, signedBy: key, after: 7)
    #expect(first == (1, true) && again == (1, false) && next == (8, true))
    let stranger = try SecretKey.generate()
    let other = try DeviceReceipt(of: nil, channel: 5).write(to: directory, signedBy: stranger, after: 0)
    #expect(other == (1, true))
    var count = ReceiptCount()
    try count.add(folder: directory)
    #expect(count.devices.count == 2 && count.faultCount == 0)
  }
}
