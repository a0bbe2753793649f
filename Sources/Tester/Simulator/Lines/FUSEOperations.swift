import CFuse
import Glibc

/// The operations of the file system, each of which calls the server of its session.
enum FUSEOperations {
  /// Returns the table for fuse_new. `struct fuse_operations`
  static func table() -> fuse_operations {
    var table = fuse_operations()
    table.`init` = { connection, configuration in
      // No caching: files appear and disappear, and values change by themselves.
      configuration?.pointee.entry_timeout = 0
      configuration?.pointee.negative_timeout = 0
      configuration?.pointee.attr_timeout = 0
      configuration?.pointee.direct_io = 1
      // Splicing a few bytes through a pipe costs more than it saves.
      connection?.pointee.want &= ~UInt32(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE)
      return fuse_get_context().pointee.private_data
    }
    table.getattr = { path, status, _ in
      guard let path, let status else { return -EINVAL }
      guard let node = server.node(at: String(cString: path)) else { return -ENOENT }
      status.pointee.st_mode = node.mode
      status.pointee.st_nlink = node.isDirectory ? 2 : 1
      status.pointee.st_uid = geteuid()
      status.pointee.st_gid = getegid()
      // Every file of sysfs has this size.
      status.pointee.st_size = node.isDirectory ? 0 : 4096
      return 0
    }
    table.readdir = { path, buffer, fill, _, _, _ in
      guard let path, let fill, let node = server.node(at: String(cString: path)) else { return -ENOENT }
      guard node.isDirectory else { return -ENOTDIR }
      for name in [".", ".."] + server.names(in: node) where fill(buffer, name, nil, 0, .init(rawValue: 0)) != 0 {
        return -ENOMEM
      }
      return 0
    }
    table.open = { path, info in
      guard let path, let info else { return -EINVAL }
      return answer { () throws(SysfsTree.Refusal) in
        info.pointee.fh = try server.open(String(cString: path), flags: info.pointee.flags)
        info.pointee.direct_io = 1
        return 0
      }
    }
    table.read = { _, buffer, size, offset, info in
      guard let buffer, let info else { return -EINVAL }
      return answer { () throws(SysfsTree.Refusal) in
        let bytes = try server.read(info.pointee.fh, from: Int(offset), count: size)
        UnsafeMutableRawBufferPointer(start: buffer, count: size).copyBytes(from: bytes)
        return CInt(bytes.count)
      }
    }
    table.write = { _, buffer, size, _, info in
      guard let buffer, let info else { return -EINVAL }
      return answer { () throws(SysfsTree.Refusal) in
        // sysfs accepts at most one page per write.
        let bytes = [UInt8](UnsafeRawBufferPointer(start: buffer, count: min(size, 4096)))
        try server.write(bytes, to: info.pointee.fh)
        return CInt(bytes.count)
      }
    }
    table.poll = { _, info, poller, events in
      guard let info, let events else { return -EINVAL }
      return answer { () throws(SysfsTree.Refusal) in
        let hasEvent = try server.poll(info.pointee.fh, poller: poller)
        // Reading and writing never block; an event adds POLLPRI and POLLERR. kernfs_generic_poll
        let always = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM
        events.pointee = UInt32(hasEvent ? always | POLLPRI | POLLERR : always)
        return 0
      }
    }
    table.release = { _, info in
      if let info { server.release(info.pointee.fh) }
      return 0
    }
    // O_TRUNC (which shells use to open a file), chmod, chown and touch have no effect.
    table.truncate = { _, _, _ in 0 }
    table.chmod = { _, _, _ in 0 }
    table.chown = { _, _, _, _ in 0 }
    table.utimens = { _, _, _ in 0 }
    // Only the kernel creates and removes files of sysfs.
    table.create = { _, _, _ in -EACCES }
    table.mknod = { _, _, _ in -EPERM }
    table.mkdir = { _, _ in -EPERM }
    table.unlink = { _ in -EPERM }
    table.rmdir = { _ in -EPERM }
    table.rename = { _, _, _ in -EPERM }
    table.symlink = { _, _ in -EPERM }
    table.link = { _, _ in -EPERM }
    return table
  }
}

// Outside the type, because C functions cannot capture the metatype.

/// The server of this call's session. The mount keeps it alive.
private var server: SysfsServer {
  Unmanaged<SysfsServer>.fromOpaque(fuse_get_context().pointee.private_data).takeUnretainedValue()
}

/// Returns the call's result, or the negative errno of its refusal.
private func answer(_ call: () throws(SysfsTree.Refusal) -> CInt) -> CInt {
  do throws(SysfsTree.Refusal) { return try call() } catch { return -error.code }
}
