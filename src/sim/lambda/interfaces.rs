//! Network interfaces of functions before Hyperplane: one for each 3 GB of environments, as long as
//! subnets have addresses, the Region has interfaces left, and EC2 creates them fast enough.

use super::allowance::Allowance;
use super::function::{Account, Attach};
use super::results::InvokeError;
use crate::units::{Duration, Time};

/// What is left of what interfaces need.
#[derive(Debug)]
pub(super) struct Interfaces {
    limit: u64,
    made: u64,
    free_addresses: Vec<u64>,
    creation: Allowance,
}

impl Interfaces {
    pub(super) fn new(account: &Account) -> Self {
        Self {
            limit: u64::from(account.interface_limit),
            made: 0,
            free_addresses: account.free_addresses.clone(),
            creation: Allowance::new(
                account.interface_burst,
                account.interfaces_per_minute,
                Duration::from_secs(60),
            ),
        }
    }

    /// Makes another interface, in the subnet of those that has most addresses left.
    ///
    /// # Errors
    /// If there is none to be had.
    pub(super) fn create(&mut self, now: Time, subnets: &[usize]) -> Result<(), InvokeError> {
        if self.made >= self.limit {
            return Err(InvokeError::EniLimitReached);
        }
        let free = &mut self.free_addresses;
        let most = subnets
            .iter()
            .copied()
            .reduce(|a, b| if free[b] > free[a] { b } else { a });
        let Some(subnet) = most.filter(|&subnet| free[subnet] > 0) else {
            return Err(InvokeError::SubnetIpAddressLimitReached);
        };
        if !self.creation.allows(now) {
            return Err(InvokeError::Ec2Throttled);
        }
        self.creation.take();
        free[subnet] -= 1;
        self.made += 1;
        Ok(())
    }
}

/// Interfaces that so many environments need.
pub(super) fn needed(attach: &Attach, environments: u64) -> u64 {
    match attach {
        Attach::PerEnvironmentInterface {
            interfaces_per_environment,
            ..
        } => interfaces_per_environment.times(environments),
        Attach::None | Attach::Hyperplane(_) => 0,
    }
}
