// One request at a time may append to an upload; a newer one may ask the older one to let go.
//
// A client whose connection broke comes back while the server still waits for bytes on the old
// one. Acquire() then tells the holder (its interrupt function is called, which should end the
// blocked read) and waits; a holder that does not react is overtaken: its lease is revoked, and
// whatever it still stores is refused by the session store, because the offset has moved on.
// Thread-safe. Between processes only the store's conditions hold.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace wt::uploads {

class UploadLocks {
  struct Holder;

 public:
  /// The right to append, until destroyed. Move-only; used by one thread.
  class Lease {
   public:
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    /// A newer request waits or has overtaken: store what is there and stop.
    bool asked_to_release() const;

   private:
    friend class UploadLocks;
    Lease(UploadLocks* locks, std::string id, std::shared_ptr<Holder> holder)
        : locks_(locks), id_(std::move(id)), holder_(std::move(holder)) {}

    UploadLocks* locks_;
    std::string id_;
    std::shared_ptr<Holder> holder_;
  };

  /// Always gives the lease, after at most `patience`. `interrupt` (may be empty) is called once,
  /// from another thread, when this lease should end.
  Lease Acquire(const std::string& id, std::chrono::milliseconds patience,
                std::function<void()> interrupt);

 private:
  struct Holder {
    std::atomic<bool> asked{false};
    std::function<void()> interrupt;
  };
  void Release(const std::string& id, const std::shared_ptr<Holder>& holder);

  std::mutex mutex_;
  std::condition_variable released_;
  /// Guarded by mutex_. Shared between the table and the lease, whichever goes last.
  std::map<std::string, std::shared_ptr<Holder>> holders_;
};

}  // namespace wt::uploads
