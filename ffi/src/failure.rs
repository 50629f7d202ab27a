//! Why a call failed: a code, and a text for people. Each error of the core has its code here and nowhere else.

use std::borrow::Cow;

use steadfast_core::{
    AccessError, BulkError, ClaimError, FieldError, InstallError, LeaveError, LookupError, MetadataError, NameError,
    NamespaceError, OpenError, OrderError, RegisterError, RegistrationError, RouteError, ServiceError, StoreError,
    WatchError,
};

use crate::codes;

/// A negative answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: i32,
    pub(crate) message: Cow<'static, str>,
}

/// `Ok` is 0 or a positive code.
pub(crate) type Answer = Result<i32, Failure>;

impl Failure {
    /// A failure that says more than its code does.
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Failure {
        Failure { code, message: Cow::Owned(message.into()) }
    }

    /// The same failure, with the part of the input that it is about.
    pub(crate) fn within(self, part: &str) -> Failure {
        Failure::new(self.code, format!("{part}: {}", self.message))
    }

    /// A failure that the code's own text describes; allocates nothing.
    pub(crate) fn plain(code: i32) -> Failure {
        Failure { code, message: Cow::Borrowed(codes::text(code)) }
    }
}

fn failure(code: i32, error: &impl ToString) -> Failure {
    Failure::new(code, error.to_string())
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Failure {
        Failure::plain(match error {
            AccessError::Closed => codes::STEADFAST_E_CLOSED,
            AccessError::UnknownService => codes::STEADFAST_E_UNKNOWN_SERVICE,
            AccessError::Poisoned => codes::STEADFAST_E_POISONED,
            // `AccessError` may grow; what this version cannot name is at least not hidden.
            other => return failure(codes::STEADFAST_E_UNSUPPORTED, &other),
        })
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Failure {
        let code = match error {
            NameError::Port { .. } => codes::STEADFAST_E_PORT,
            _ => codes::STEADFAST_E_NAME,
        };
        failure(code, &error)
    }
}

impl From<MetadataError> for Failure {
    fn from(error: MetadataError) -> Failure {
        failure(codes::STEADFAST_E_METADATA, &error)
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Failure {
        match error {
            FieldError::Metadata(error) => error.into(),
            error => failure(codes::STEADFAST_E_WEIGHT, &error),
        }
    }
}

impl From<RegistrationError> for Failure {
    fn from(error: RegistrationError) -> Failure {
        match error {
            RegistrationError::Name(error) => error.into(),
            RegistrationError::Field(error) => error.into(),
            error => failure(codes::STEADFAST_E_NO_CONNECTION, &error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        (&error).into()
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Failure {
        failure(store_code(error), error)
    }
}

fn store_code(error: &StoreError) -> i32 {
    match error {
        StoreError::Unusable(_) => codes::STEADFAST_E_STORE_UNUSABLE,
        _ => codes::STEADFAST_E_STORE,
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        let code = match error {
            OpenError::Store(error) => return error.into(),
            OpenError::Record { .. } => codes::STEADFAST_E_RECORD,
            OpenError::Thread { .. } => codes::STEADFAST_E_THREAD,
            _ => codes::STEADFAST_E_OPTION,
        };
        failure(code, &error)
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Failure {
        match error {
            ServiceError::Access(error) => error.into(),
            ServiceError::Name(error) => error.into(),
            error => failure(codes::STEADFAST_E_FULL, &error),
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Failure {
        let code = match error {
            RegisterError::Access(error) => return error.into(),
            RegisterError::Invalid(error) => return error.into(),
            // The text says that the instance is there all the same.
            RegisterError::Store(ref store) => store_code(store),
            RegisterError::Refused { reason } => return Failure::new(codes::STEADFAST_E_REFUSED, reason),
            RegisterError::Banned(floor) => {
                return Failure::new(codes::STEADFAST_E_REFUSED, floor.to_string());
            }
            RegisterError::Kind { .. } => codes::STEADFAST_E_KIND,
            _ => codes::STEADFAST_E_FULL,
        };
        failure(code, &error)
    }
}

impl From<ClaimError> for Failure {
    fn from(error: ClaimError) -> Failure {
        match error {
            ClaimError::Access(error) => error.into(),
            ClaimError::Field(error) => error.into(),
            ClaimError::Store(ref store) => failure(store_code(store), &error),
            error => failure(codes::STEADFAST_E_NOT_REGISTERED, &error),
        }
    }
}

impl From<LeaveError> for Failure {
    fn from(error: LeaveError) -> Failure {
        match error {
            LeaveError::Access(error) => error.into(),
            LeaveError::Store(ref store) => failure(store_code(store), &error),
            error => failure(codes::STEADFAST_E_UNSUPPORTED, &error),
        }
    }
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Failure {
        let code = match error {
            OrderError::Access(error) => return error.into(),
            OrderError::Name(error) => return error.into(),
            OrderError::Field(error) => return error.into(),
            OrderError::Store(ref store) => store_code(store),
            OrderError::Until { .. } => codes::STEADFAST_E_UNTIL,
            _ => codes::STEADFAST_E_FULL,
        };
        failure(code, &error)
    }
}

impl From<BulkError> for Failure {
    fn from(error: BulkError) -> Failure {
        let code = match error {
            BulkError::Access(error) => return error.into(),
            BulkError::Order(error) => return error.into(),
            BulkError::Selector(_) => codes::STEADFAST_E_SELECTOR,
            _ => codes::STEADFAST_E_TOO_MANY,
        };
        failure(code, &error)
    }
}

impl From<RouteError> for Failure {
    fn from(error: RouteError) -> Failure {
        let code = match error {
            RouteError::TooMany => codes::STEADFAST_E_TOO_MANY,
            _ => codes::STEADFAST_E_ROUTE,
        };
        failure(code, &error)
    }
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Failure {
        let code = match error {
            InstallError::Access(error) => return error.into(),
            InstallError::Law(_) => codes::STEADFAST_E_POLICY_LAW,
            _ => codes::STEADFAST_E_POLICY,
        };
        failure(code, &error)
    }
}

impl From<LookupError> for Failure {
    fn from(error: LookupError) -> Failure {
        let code = match error {
            LookupError::Clusters(_) | LookupError::Metadata(_) => codes::STEADFAST_E_TOO_MANY,
            _ => codes::STEADFAST_E_OPTION,
        };
        failure(code, &error)
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Failure {
        match error {
            WatchError::Access(error) => error.into(),
            error @ WatchError::Descriptor(_) => failure(codes::STEADFAST_E_DESCRIPTOR, &error),
            error => failure(codes::STEADFAST_E_FULL, &error),
        }
    }
}

impl From<NamespaceError> for Failure {
    fn from(error: NamespaceError) -> Failure {
        match error {
            NamespaceError::Access(error) => error.into(),
            NamespaceError::Name(error) => error.into(),
            error => failure(codes::STEADFAST_E_FULL, &error),
        }
    }
}
